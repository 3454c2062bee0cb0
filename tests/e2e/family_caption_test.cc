// stillwatch caption and model over a LLaVA-OneVision checkpoint, against its reference.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class FamilyCaptionTest : public E2eTest {
 protected:
  void SetUp() override {
    E2eTest::SetUp();
    fixture_ = Shared() / "fixtures/onevision_tiny";
    if (!fs::exists(fixture_)) GTEST_SKIP() << fixture_ << " is not there";
    std::ifstream(fixture_ / "expected.json") >> expected_;
  }

  std::vector<std::string> Caption(const std::string& model, const std::string& preset,
                                   const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"caption", "--model",      model, "--preset",  preset,
                                      "--ids",   "--max-tokens", "16",  "--no-stop", "--dtype",
                                      "fp32",    "--device",     "cpu", "--output",  "jsonl"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  fs::path fixture_;
  Json expected_;
};

TEST_F(FamilyCaptionTest, SaysTheReferencesIdsInEveryPreset) {
  for (const std::string pair : {"1", "2"}) {
    const std::string tail = pair == "1" ? ".png" : "2.png";
    for (const std::string preset : {"onevision", "ccexpert", "m3diff"}) {
      const RunResult result = Stillwatch(
          Caption(fixture_.string(), preset,
                  {(fixture_ / ("ref" + tail)).string(), (fixture_ / ("cur" + tail)).string()}));
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const Json json = Json::parse(result.out);
      const Json& wanted =
          expected_["cases"][(preset == "onevision" ? "onevision.pair" : "ccexpert.pair") + pair];
      EXPECT_EQ(json["ids"], wanted["greedy_ids"]) << preset << " pair " << pair;
      EXPECT_EQ(json["caption"], wanted["greedy_text"]);
      EXPECT_EQ(json["prompt_ids"], wanted["sequence_length"]);
      EXPECT_EQ(json["calibrated"], false);
    }
  }
}

TEST_F(FamilyCaptionTest, AnswersAListInItsOrderWithTheErrorOfABadPair) {
  const auto line = [&](const char* id, const char* reference, const char* current) {
    return Json({{"id", id},
                 {"reference", (fixture_ / reference).string()},
                 {"current", (fixture_ / current).string()}})
               .dump() +
           "\n";
  };
  const std::string list =
      Write("pairs.jsonl", line("b", "ref2.png", "cur2.png") + line("x", "ref.png", "nowhere.png") +
                               line("a", "ref.png", "cur.png"));
  const RunResult result = Stillwatch(Caption(fixture_.string(), "onevision", {"--pairs", list}));
  EXPECT_EQ(result.exit_code, 1);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 3u) << result.out;
  EXPECT_EQ(Json::parse(lines[0])["id"], "b");
  EXPECT_EQ(Json::parse(lines[0])["ids"], expected_["cases"]["onevision.pair2"]["greedy_ids"]);
  EXPECT_EQ(Json::parse(lines[1])["id"], "x");
  EXPECT_NE(Json::parse(lines[1])["error"].get<std::string>().find("nowhere.png"),
            std::string::npos);
  EXPECT_EQ(Json::parse(lines[2])["ids"], expected_["cases"]["onevision.pair1"]["greedy_ids"]);
}

TEST_F(FamilyCaptionTest, ConvertsAndDescribesWhatItConverted) {
  for (const std::string naming : {"hf-new-nowrap", "llava-next"}) {
    const std::string out = Path(naming);
    const RunResult made =
        Stillwatch({"model", "convert", fixture_.string(), out, "--naming", naming});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const RunResult told = Stillwatch({"model", "info", out});
    EXPECT_EQ(told.exit_code, 0) << told.err;
    EXPECT_NE(told.out.find(naming), std::string::npos) << told.out;
    EXPECT_NE(told.out.find("SigLIP 48 wide"), std::string::npos) << told.out;
    const RunResult result = Stillwatch(Caption(
        out, "onevision", {(fixture_ / "ref.png").string(), (fixture_ / "cur.png").string()}));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(Json::parse(result.out)["ids"], expected_["cases"]["onevision.pair1"]["greedy_ids"]);
  }
}

TEST_F(FamilyCaptionTest, NamesATensorThatIsCutOff) {
  const std::string copy = Path("cut");
  fs::create_directories(copy);
  for (const auto& file : fs::directory_iterator(fixture_)) {
    if (file.is_regular_file()) fs::copy_file(file.path(), fs::path(copy) / file.path().filename());
  }
  fs::permissions(fs::path(copy) / "model.safetensors", fs::perms::owner_all);
  fs::resize_file(fs::path(copy) / "model.safetensors",
                  fs::file_size(fs::path(copy) / "model.safetensors") - 1000);
  for (const RunResult& result :
       {Stillwatch({"model", "info", copy}),
        Stillwatch(Caption(copy, "onevision",
                           {(fixture_ / "ref.png").string(), (fixture_ / "cur.png").string()}))}) {
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.err.find("tensor '"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("truncated"), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace stillwatch::e2e
