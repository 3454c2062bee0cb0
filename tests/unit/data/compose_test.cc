#include "model/data/compose.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "model/data/dataset.h"
#include "model/data/pair.h"
#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

using nlohmann::json;

// One small bank of made things for all tests: rendering it takes a second or two.
class ComposeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    bank_ = std::make_unique<TemporaryFolder>();
    const auto report =
        Render({.out = bank_->path(), .seed = 3, .size_px = 40, .variety = 0.01}, nullptr);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->things, 20U);
    EXPECT_TRUE(report->left_out.empty());
  }
  static void TearDownTestSuite() { bank_.reset(); }

  static ComposeOptions Options(const std::filesystem::path& out, std::uint64_t count,
                                std::uint64_t seed = 1) {
    return {.out = out, .sprites = bank_->path(), .count = count, .seed = seed};
  }

  static std::vector<json> Lines(const std::filesystem::path& folder) {
    std::istringstream lines(ReadText(folder / "pairs.jsonl"));
    std::vector<json> all;
    for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
    return all;
  }

  static std::unique_ptr<TemporaryFolder> bank_;
};

std::unique_ptr<TemporaryFolder> ComposeTest::bank_;

TEST_F(ComposeTest, TheSameSeedGivesTheSameBytesOnAnyNumberOfThreads) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  auto one = Options(a.path(), 24);
  one.threads = 1;
  auto three = Options(b.path(), 24);
  three.threads = 3;
  ASSERT_TRUE(Compose(one, nullptr));
  ASSERT_TRUE(Compose(three, nullptr));
  EXPECT_EQ(ReadText(a.path() / "pairs.jsonl"), ReadText(b.path() / "pairs.jsonl"));
  EXPECT_TRUE(ReadText(a.path() / "pictures.u8") == ReadText(b.path() / "pictures.u8"));
}

TEST_F(ComposeTest, AnotherSeedGivesOtherPairs) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  ASSERT_TRUE(Compose(Options(a.path(), 6, 1), nullptr));
  ASSERT_TRUE(Compose(Options(b.path(), 6, 2), nullptr));
  EXPECT_NE(ReadText(a.path() / "pairs.jsonl"), ReadText(b.path() / "pairs.jsonl"));
}

TEST_F(ComposeTest, ARunThatWasStoppedGoesOnToTheSameEnd) {
  const TemporaryFolder whole;
  const TemporaryFolder broken;
  ASSERT_TRUE(Compose(Options(whole.path(), 20), nullptr));
  const auto stopped =
      Compose(Options(broken.path(), 20),
              [](std::size_t done, std::size_t, const std::string&) { return done < 7; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), StatusCode::kCancelled);
  // A kill would leave uncommitted bytes behind as well.
  std::ofstream(broken.path() / "pictures.u8", std::ios::app | std::ios::binary)
      << "half a picture";
  std::ofstream(broken.path() / "pairs.jsonl", std::ios::app | std::ios::binary) << "{\"id\": 7, ";
  const auto rest = Compose(Options(broken.path(), 20), nullptr);
  ASSERT_TRUE(rest) << rest.error().message();
  EXPECT_EQ(rest->made, 13U);
  EXPECT_EQ(ReadText(whole.path() / "pairs.jsonl"), ReadText(broken.path() / "pairs.jsonl"));
  EXPECT_TRUE(ReadText(whole.path() / "pictures.u8") == ReadText(broken.path() / "pictures.u8"));
  EXPECT_EQ(ReadText(whole.path() / "manifest.json"), ReadText(broken.path() / "manifest.json"));
}

TEST_F(ComposeTest, GrowsADataSet) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Compose(Options(folder.path(), 5), nullptr));
  const auto more = Compose(Options(folder.path(), 9), nullptr);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->made, 4U);
  EXPECT_EQ(more->count, 9U);
  const auto again = Compose(Options(folder.path(), 9), nullptr);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->made, 0U);
}

TEST_F(ComposeTest, LinesPicturesAndManifestAgree) {
  const TemporaryFolder folder;
  const auto report = Compose(Options(folder.path(), 120), nullptr);
  ASSERT_TRUE(report) << report.error().message();
  const json manifest = json::parse(ReadText(folder.path() / "manifest.json"));
  EXPECT_EQ(manifest.at("version"), 1);
  EXPECT_EQ(manifest.at("size"), kPairSize_px);
  EXPECT_EQ(manifest.at("count"), 120);
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "pictures.u8"),
            120UL * 2 * kPairSize_px * kPairSize_px * 3);

  std::map<std::string, std::uint64_t> kinds;
  std::uint64_t next = 0;
  for (const json& line : Lines(folder.path())) {
    EXPECT_EQ(line.at("id"), next++);
    const std::string kind = line.at("kind");
    ++kinds[kind];
    EXPECT_EQ(line.at("changed"), kind != "same") << line;
    EXPECT_TRUE(kind == "same" || ParseChangeKind(kind)) << kind;
    EXPECT_GE(line.at("captions").size(), 1U);
    EXPECT_LE(line.at("captions").size(), 3U);
    EXPECT_TRUE((std::set<std::string>{"train", "val", "test"}).contains(line.at("split")));
    for (const char* box : {"crop", "region"}) {
      const auto r = line.at(box).get<std::vector<double>>();
      ASSERT_EQ(r.size(), 4U);
      EXPECT_GE(r[0], 0) << line;
      EXPECT_GE(r[1], 0) << line;
      EXPECT_LE(r[0] + r[2], 1.0001) << line;
      EXPECT_LE(r[1] + r[3], 1.0001) << line;
    }
    EXPECT_GT(line.at("crop")[2], 0.0);
  }
  EXPECT_EQ(next, 120U);
  EXPECT_EQ(kinds, report->kinds);
  EXPECT_NEAR(static_cast<double>(kinds["same"]), 0.4 * 120, 25);
  EXPECT_GT(kinds["added"], 5U);
  EXPECT_GT(kinds["removed"], 5U);
}

TEST_F(ComposeTest, CaptionsAgreeWithTheTruth) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Compose(Options(folder.path(), 150, 5), nullptr));
  for (const json& line : Lines(folder.path())) {
    const std::string kind = line.at("kind");
    const std::string noun = line.at("noun");
    const std::string color = line.at("color");
    for (const std::string caption : line.at("captions")) {
      const auto says = [&](const std::string& word) {
        return caption.find(word) != std::string::npos;
      };
      if (kind == "same") {
        EXPECT_TRUE(says("same") || says("nothing") || says("not changed") || says("no change") ||
                    says("as before") || says("still"))
            << line;
        continue;
      }
      EXPECT_TRUE(says(noun.substr(0, noun.size() - 1))) << line;
      if (!color.empty() && kind != "text") {
        EXPECT_TRUE(says(color)) << line;
      }
      EXPECT_FALSE(says("nothing has changed")) << line;
      if (kind == "recolored") {
        EXPECT_TRUE(says("turned") || says("now") || says("changed from")) << line;
      }
    }
  }
}

// The mean absolute difference between the two pictures of a pair.
double Difference(const Pair& pair) {
  const std::size_t half = pair.pixels.size() / 2;
  double sum = 0;
  for (std::size_t i = 0; i < half; ++i) sum += std::abs(pair.pixels[i] - pair.pixels[i + half]);
  return sum / static_cast<double>(half);
}

TEST_F(ComposeTest, BothPicturesShowOneScene) {
  std::vector<std::string> absent;
  auto things = LoadBank(bank_->path());
  ASSERT_TRUE(things) << things.error().message();
  auto backgrounds = Backgrounds::Load({}, 1, absent);
  ASSERT_TRUE(backgrounds);
  Pool train(*things, false);
  Pool test(*things, true);
  const Stock stock{std::move(*things), std::move(*backgrounds), std::move(train), std::move(test)};
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto pair = DrawPair(stock, 9, i);
    ASSERT_TRUE(pair) << pair.error().message();
    const double difference = Difference(*pair);
    EXPECT_GT(difference, 0.01) << "pair " << i << ": the pictures are identical";
    EXPECT_LT(difference, 120) << "pair " << i << ": the pictures have nothing in common";
  }
}

TEST_F(ComposeTest, AnEmptyStockIsAnErrorAndNotALoop) {
  std::vector<std::string> absent;
  auto backgrounds = Backgrounds::Load({}, 1, absent);
  ASSERT_TRUE(backgrounds);
  const std::vector<Thing> none;
  const Stock stock{{}, std::move(*backgrounds), Pool(none, false), Pool(none, true)};
  bool failed = false;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const auto pair = DrawPair(stock, 1, i);
    // Unchanged pairs need no thing.
    if (pair)
      EXPECT_TRUE(!pair->kind || *pair->kind == ChangeKind::kText);
    else
      failed = true;
  }
  SUCCEED() << failed;
}

TEST_F(ComposeTest, NamesMaterialThatIsNotThere) {
  const TemporaryFolder folder;
  auto options = Options(folder.path(), 3);
  options.material = "/nowhere/training";
  const auto report = Compose(options, nullptr);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), StatusCode::kNotFound);
  EXPECT_NE(report.error().message().find("/nowhere/training"), std::string::npos);
}

TEST_F(ComposeTest, UsesPhotographsAndNamesTheBrokenOne) {
  const TemporaryFolder folder;
  const auto houses = folder.path() / "material/houses_subset";
  std::filesystem::create_directories(houses);
  ASSERT_TRUE(WritePng(houses / "1_kitchen.png", Drawn(320, 240, 3)).ok());
  std::filesystem::rename(houses / "1_kitchen.png", houses / "1_kitchen.jpg");
  auto options = Options(folder.path() / "out", 8);
  options.material = folder.path() / "material";
  const auto report = Compose(options, nullptr);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->absent.empty());
  EXPECT_NE(ReadText(folder.path() / "out/manifest.json").find("1 photographs"), std::string::npos);

  WriteText(houses / "2_bedroom.jpg", "not a picture");
  options.out = folder.path() / "other";
  const auto broken = Compose(options, nullptr);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(broken.error().message().find("2_bedroom.jpg"), std::string::npos);
}

TEST_F(ComposeTest, NamesTheSpriteThatIsBroken) {
  const TemporaryFolder folder;
  const auto copy = folder.path() / "bank";
  std::filesystem::copy(bank_->path(), copy, std::filesystem::copy_options::recursive);
  WriteText(copy / "made_bag_0/1.png", "not a picture");
  auto options = Options(folder.path() / "out", 3);
  options.sprites = copy;
  const auto report = Compose(options, nullptr);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(report.error().message().find("1.png"), std::string::npos);
  std::filesystem::remove(copy / "made_bag_0/1.png");
  const auto missing = Compose(options, nullptr);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), StatusCode::kNotFound);
}

TEST_F(ComposeTest, RenderingNamesTheCatalogueLineThatIsWrong) {
  const TemporaryFolder folder;
  WriteText(folder.path() / "catalog.jsonl", "{\"name\": \"Cone\"}\n");
  const auto report = Render({.catalogue = folder.path() / "catalog.jsonl",
                              .out = folder.path() / "bank",
                              .size_px = 24,
                              .variety = 0.01},
                             nullptr);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(report.error().message().find("catalog.jsonl:1"), std::string::npos);
}

TEST_F(ComposeTest, RenderingNamesTheLibraryThatIsNotInstalled) {
  const TemporaryFolder folder;
  WriteText(folder.path() / "catalog.jsonl",
            "{\"library\":\"None.sh3f\",\"id\":1,\"name\":\"Cone\",\"model\":\"a/b.obj\","
            "\"width_cm\":\"1\",\"depth_cm\":\"1\",\"height_cm\":\"1\",\"split\":\"train\"}\n");
  const auto report = Render({.catalogue = folder.path() / "catalog.jsonl",
                              .out = folder.path() / "bank",
                              .size_px = 24,
                              .variety = 0.01},
                             nullptr);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), StatusCode::kNotFound);
  EXPECT_NE(report.error().message().find("None.sh3f"), std::string::npos);
}

TEST_F(ComposeTest, ABankIsKeptWhenRenderedAgain) {
  const auto file = bank_->path() / "made_cup_0/0.png";
  const auto before = std::filesystem::last_write_time(file);
  const auto report =
      Render({.out = bank_->path(), .seed = 3, .size_px = 40, .variety = 0.01}, nullptr);
  ASSERT_TRUE(report);
  EXPECT_EQ(std::filesystem::last_write_time(file), before);
}

}  // namespace
}  // namespace stillwatch::data
