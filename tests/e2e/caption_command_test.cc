#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

using Json = nlohmann::json;

class CaptionCommandTest : public E2eTest {
 protected:
  // A grey wall; with a dark box standing before it if `box`.
  std::string Picture(const std::string& name, bool box) const {
    constexpr int kWidth = 160, kHeight = 120;
    std::string ppm = "P6\n160 120\n255\n";
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const bool inside = box && x > 60 && x < 100 && y > 50 && y < 90;
        ppm += std::string(3, static_cast<char>(inside ? 20 : 150 + (x * 7 + y * 13) % 20));
      }
    }
    return Write(name, ppm);
  }
};

TEST_F(CaptionCommandTest, AnswersWithTheContractsFields) {
  const RunResult result = Stillwatch(
      {"caption", Picture("a.ppm", false), Picture("b.ppm", true), "--ids", "--output", "jsonl"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_TRUE(json["caption"].is_string());
  EXPECT_TRUE(json["changed"].is_boolean());
  EXPECT_GE(json["confidence"].get<double>(), 0.5);
  EXPECT_LE(json["confidence"].get<double>(), 1.0);
  EXPECT_GT(json["ids"].size(), 0u);
  EXPECT_GT(json["prompt_ids"].get<int>(), 0);
  ASSERT_EQ(json["regions"].size(), 1u) << result.out;
  EXPECT_NEAR(json["regions"][0]["x"].get<double>(), 61.0 / 160, 0.05);
  EXPECT_NEAR(json["regions"][0]["h"].get<double>(), 39.0 / 120, 0.08);
}

TEST_F(CaptionCommandTest, OneBadPairIsAnErrorForItsIdAndTheRestGoOn) {
  Picture("a.ppm", false);
  Picture("b.ppm", true);
  const std::string list =
      Write("pairs.jsonl", R"({"id":"first","reference":"a.ppm","current":"b.ppm"})"
                           "\n"
                           R"({"id":"gone","reference":"a.ppm","current":"nowhere.ppm"})"
                           "\n"
                           "this is no JSON\n"
                           R"({"id":4,"reference":"a.ppm","current":"a.ppm"})"
                           "\n");
  const RunResult result = Stillwatch({"caption", "--pairs", list});
  EXPECT_EQ(result.exit_code, 1);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 4u) << result.out;
  EXPECT_EQ(Json::parse(lines[0])["id"], "first");
  EXPECT_TRUE(Json::parse(lines[0]).contains("caption"));
  EXPECT_EQ(Json::parse(lines[1])["id"], "gone");
  EXPECT_NE(Json::parse(lines[1])["error"].get<std::string>().find("nowhere.ppm"),
            std::string::npos);
  EXPECT_TRUE(Json::parse(lines[2]).contains("error"));
  EXPECT_EQ(Json::parse(lines[3])["id"], 4);
}

TEST_F(CaptionCommandTest, PicturesThatAreNoneAreNamed) {
  const RunResult result =
      Stillwatch({"caption", Picture("a.ppm", false), Write("b.jpg", "no picture")});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("b.jpg"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace stillwatch::e2e
