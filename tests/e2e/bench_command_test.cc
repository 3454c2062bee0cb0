// The harness on clips it makes itself.

#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

using nlohmann::json;

// A box is left after 15 s and stays; somebody crosses.
constexpr const char* kScript = R"({"name": "box", "suite": "tiny", "width": 320, "height": 180,
  "fps": 4, "seconds": 40, "background": "made:5", "interval": "500ms", "settle": "3s", "acts": [
    {"at": 4, "do": "pass"},
    {"at": 15, "do": "leave", "id": 1, "object": "drawn_suitcase", "x": 0.5, "y": 0.85}]})";

class BenchCommandTest : public E2eTest {
 protected:
  void MakeClips() {
    const RunResult made = Stillwatch(
        {"bench", "make-clips", Path("clips"), "--script", Write("box.script.json", kScript)});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
};

TEST_F(BenchCommandTest, AThingLeftInAMadeClipIsFoundAndNothingElse) {
  MakeClips();
  const RunResult run = Stillwatch(
      {"bench", "selection", Path("clips"), "--output", "jsonl", "--report", Path("report")});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<std::string> lines = Lines(run.out);
  ASSERT_EQ(lines.size(), 3U);  // The clip, its suite, the total.
  const json clip = json::parse(lines[0]), total = json::parse(lines[2]);
  EXPECT_EQ(clip["clip"], "tiny/box");
  EXPECT_EQ(clip["interval_ms"], 500);
  EXPECT_EQ(clip["found"], 1) << lines[0];
  EXPECT_EQ(clip["kinds_right"], 1) << lines[0];
  EXPECT_EQ(clip["false_alarms"], 0) << lines[0];
  EXPECT_GT(clip["cpu_s"].get<double>(), clip["decode_cpu_s"].get<double>());
  EXPECT_EQ(total["total"], "total");
  EXPECT_EQ(total["found"], 1);

  std::ifstream page(Path("report/index.html"));
  const std::string html{std::istreambuf_iterator<char>(page), std::istreambuf_iterator<char>()};
  EXPECT_NE(html.find("1 of 1"), std::string::npos);
  EXPECT_NE(html.find("No miss and no false alarm"), std::string::npos);
}

TEST_F(BenchCommandTest, AMissIsShownWithItsPictures) {
  MakeClips();
  // What is smaller than two fifths of the picture does not count.
  const RunResult run = Stillwatch({"bench", "selection", Path("clips"), "--min-area", "0.4",
                                    "--output", "jsonl", "--report", Path("report")});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(Lines(run.out)[0])["found"], 0);
  std::ifstream page(Path("report/index.html"));
  const std::string html{std::istreambuf_iterator<char>(page), std::istreambuf_iterator<char>()};
  EXPECT_NE(html.find("Missed: added blue suitcase"), std::string::npos);
  EXPECT_NE(html.find("data:image/jpeg;base64,"), std::string::npos);
}

TEST_F(BenchCommandTest, BadInputIsNamed) {
  const RunResult nothing = Stillwatch({"bench", "selection", Path("nowhere")});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_NE(nothing.err.find("nowhere"), std::string::npos);
  const RunResult script = Stillwatch({"bench", "make-clips", Path("clips"), "--script",
                                       Write("bad.json", R"({"acts": [{"do": "dance"}]})")});
  EXPECT_EQ(script.exit_code, 2);
  EXPECT_NE(script.err.find("acts[0].do"), std::string::npos);
  EXPECT_EQ(Stillwatch({"bench", "make-clips", Path("clips"), "--suite", "dance"}).exit_code, 2);
}

}  // namespace
}  // namespace stillwatch::e2e
