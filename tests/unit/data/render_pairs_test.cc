// Rendered pairs: of made meshes alone, so that the test needs no libraries of models.

#include "model/data/render_pairs.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/data/truth.h"
#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

using nlohmann::json;

RenderPairsOptions Small(const std::filesystem::path& out, std::uint64_t count) {
  return {.out = out, .count = count, .seed = 5, .threads = 2, .size = 32, .variety = 0.1};
}

std::vector<json> Lines(const std::filesystem::path& folder) {
  std::istringstream in(ReadText(folder / "pairs.jsonl"));
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

// One set of pairs for all tests that only look at it.
class RenderPairsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    auto options = Small(folder_->path() / "set", 260);
    const auto report = RenderPairs(options, {});
    ASSERT_TRUE(report) << report.error().message();
    lines_ = new std::vector<json>(Lines(options.out));
  }
  static void TearDownTestSuite() {
    delete lines_;
    delete folder_;
  }
  static inline TemporaryFolder* folder_ = nullptr;
  static inline std::vector<json>* lines_ = nullptr;
};

bool Says(const std::string& caption, const std::string& word) {
  return (" " + caption + " ").find(word) != std::string::npos;
}

struct Box {
  double x0, y0, x1, y1;
};

double CommonArea(const Box& a, const Box& b) {
  return std::max(0.0, std::min(a.x1, b.x1) - std::max(a.x0, b.x0)) *
         std::max(0.0, std::min(a.y1, b.y1) - std::max(a.y0, b.y0));
}

TEST_F(RenderPairsTest, EveryKindOccursAndEverySplit) {
  std::map<std::string, int> kinds;
  std::set<std::string> splits;
  for (const json& line : *lines_) {
    ++kinds[line.at("kind")];
    splits.insert(line.at("split"));
  }
  for (const char* kind : {"same", "added", "removed", "moved", "replaced", "resized", "recolored",
                           "turned", "posed", "text", "count"}) {
    EXPECT_GE(kinds[kind], 1) << kind;
  }
  EXPECT_EQ(splits, (std::set<std::string>{"train", "val", "test"}));
}

TEST_F(RenderPairsTest, UnchangedPairsHaveEqualScenesAndOthersDoNot) {
  for (const json& line : *lines_) {
    const json& states = line.at("truth").at("states");
    EXPECT_EQ(states[0] == states[1], line.at("kind") == "same") << line.at("id");
  }
}

TEST_F(RenderPairsTest, CaptionsSayWhatIsTrue) {
  for (const json& line : *lines_) {
    ASSERT_FALSE(line.at("captions").empty());
    for (const std::string caption : line.at("captions")) {
      SCOPED_TRACE(line.at("id").dump() + ": " + caption);
      if (line.at("kind") == "same") continue;
      const std::string noun = line.at("noun");
      EXPECT_TRUE(Says(caption, noun) || Says(caption, Plural(noun)));
      const json& truth = line.at("truth");
      if (line.at("kind") == "moved") {
        EXPECT_TRUE(Says(caption, truth.at("direction").get<std::string>()));
      }
      if (line.at("kind") == "replaced") {
        EXPECT_TRUE(Says(caption, truth.at("other").at("noun").get<std::string>()));
      }
      if (line.at("kind") == "recolored") {
        const json& other = truth.at("other");
        const bool material =
            truth.at("subject").value("material", "") != other.value("material", "");
        EXPECT_TRUE(Says(caption, other.at(material ? "material" : "color").get<std::string>()));
      }
    }
    for (const std::string caption : line.at("captions_long")) {
      EXPECT_LE(std::count(caption.begin(), caption.end(), ' '), 60) << caption;
    }
  }
}

TEST_F(RenderPairsTest, RegionsCoverWhatChanged) {
  int checked = 0;
  for (const json& line : *lines_) {
    const json& region = line.at("region");
    if (line.at("kind") == "same" || region[2] == 0.0) continue;
    const json& crop = line.at("crop");
    const double cx = crop[0], cy = crop[1], cw = crop[2], ch = crop[3];
    const double rx = region[0], ry = region[1], rw = region[2], rh = region[3];
    const Box marked{cx + cw * rx, cy + ch * ry, cx + cw * (rx + rw), cy + ch * (ry + rh)};
    for (const json& box : line.at("truth").at("boxes")) {
      const double x = box[0], y = box[1], w = box[2], h = box[3];
      // The detector's edges may be up to 12 % inside, on each side of the union of boxes.
      EXPECT_GE(CommonArea(marked, {x, y, x + w, y + h}), 0.35 * w * h) << line.at("id");
      ++checked;
    }
  }
  EXPECT_GT(checked, 50);
}

TEST(RenderPairs, MasksLieInsideTheBoxesThatAreTold) {
  const TemporaryFolder folder;
  auto options = Small(folder.path() / "set", 12);
  options.pictures = folder.path() / "pictures";
  ASSERT_TRUE(RenderPairs(options, {}));
  int checked = 0;
  for (const json& line : Lines(options.out)) {
    if (line.at("kind") != "added") continue;
    const auto stem = (options.pictures / line.at("id").dump()).string();
    const auto mask = ReadImage(stem + "_current_mask.png", 1);
    const auto before = ReadImage(stem + "_reference_mask.png", 1);
    ASSERT_TRUE(mask && before);
    EXPECT_EQ(std::count(before->bytes.begin(), before->bytes.end(), 255), 0);
    std::size_t all = 0;
    for (const std::uint8_t value : mask->bytes) all += value > 0;
    EXPECT_GT(all, 20U);
    ++checked;
  }
  EXPECT_GE(checked, 1);
}

TEST(RenderPairs, SameSeedSamePairsOnAnyNumberOfThreads) {
  const TemporaryFolder folder;
  auto one = Small(folder.path() / "one", 12);
  auto two = Small(folder.path() / "two", 12);
  one.threads = 1;
  two.threads = 3;
  ASSERT_TRUE(RenderPairs(one, {}));
  ASSERT_TRUE(RenderPairs(two, {}));
  for (const char* file : {"pairs.jsonl", "pictures.u8", "manifest.json"}) {
    EXPECT_TRUE(ReadText(one.out / file) == ReadText(two.out / file)) << file;
  }
}

TEST(RenderPairs, GoesOnWhereItWasStopped) {
  const TemporaryFolder folder;
  auto whole = Small(folder.path() / "whole", 10);
  auto parts = Small(folder.path() / "parts", 10);
  ASSERT_TRUE(RenderPairs(whole, {}));
  const auto stopped = RenderPairs(
      parts, [](std::size_t done, std::size_t all, const auto&) { return all != 10 || done < 4; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), StatusCode::kCancelled);
  // What a kill leaves behind the last commit is cut off.
  std::ofstream(parts.out / "pairs.jsonl", std::ios::app) << "{\"id\":99";
  ASSERT_TRUE(RenderPairs(parts, {}));
  for (const char* file : {"pairs.jsonl", "pictures.u8", "manifest.json"}) {
    EXPECT_TRUE(ReadText(whole.out / file) == ReadText(parts.out / file)) << file;
  }
}

TEST(RenderPairs, OtherSeedsAndSizesAreRefused) {
  const TemporaryFolder folder;
  auto options = Small(folder.path() / "set", 2);
  ASSERT_TRUE(RenderPairs(options, {}));
  options.seed = 6;
  EXPECT_EQ(RenderPairs(options, {}).error().code(), StatusCode::kInvalidArgument);
  options = Small(folder.path() / "set", 2);
  options.size = 40;
  EXPECT_EQ(RenderPairs(options, {}).error().code(), StatusCode::kInvalidArgument);
  options.size = 5;
  EXPECT_EQ(RenderPairs(options, {}).error().code(), StatusCode::kInvalidArgument);
  options = Small(folder.path() / "other", 2);
  options.split = "exam";
  EXPECT_EQ(RenderPairs(options, {}).error().code(), StatusCode::kInvalidArgument);
}

TEST(RenderPairs, ASplitMayBeAskedFor) {
  const TemporaryFolder folder;
  auto options = Small(folder.path() / "set", 4);
  options.split = "test";
  ASSERT_TRUE(RenderPairs(options, {}));
  for (const json& line : Lines(options.out)) EXPECT_EQ(line.at("split"), "test");
}

TEST(RenderPairs, ALibraryThatIsNotInstalledIsNamed) {
  const TemporaryFolder folder;
  WriteText(folder.path() / "catalog.jsonl",
            R"({"library":"X.sh3f","id":1,"name":"Chair","model":"a/a.obj","width_cm":"50",)"
            R"("depth_cm":"50","height_cm":"90","split":"train"})"
            "\n");
  auto options = Small(folder.path() / "set", 1);
  options.catalogue = folder.path() / "catalog.jsonl";
  options.libraries = folder.path();
  const auto report = RenderPairs(options, {});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message().find("sweethome3d-furniture"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::data
