// The figures of README.md on real footage, where that lies beside the checkout.

#include "pipeline/score/score.h"
#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

struct Clip {
  const char* name;
  const char* media;
  const char* truth;
  std::vector<std::string> options;
  int least_found;
  int most_false_alarms;
};

class FootageTest : public E2eTest, public testing::WithParamInterface<Clip> {};

TEST_P(FootageTest, ReachesItsFigures) {
  const std::filesystem::path footage = Shared() / "footage";
  if (Shared().empty()) GTEST_SKIP() << "no footage: ../shared is absent (set STILLWATCH_SHARED)";
  const Clip& clip = GetParam();
  std::vector<std::string> arguments = {"scan", (footage / clip.media).string(), "--output",
                                        "jsonl"};
  arguments.insert(arguments.end(), clip.options.begin(), clip.options.end());
  const RunResult scan = Stillwatch(arguments);
  ASSERT_EQ(scan.exit_code, 0) << scan.err;
  const auto truth = score::LoadTruth((footage / clip.truth).string());
  ASSERT_TRUE(truth) << truth.error().message();
  const auto events = Events(scan.out);
  const score::ScoreReport report =
      score::Score(*truth, events, truth->fps, truth->width, truth->height);
  EXPECT_GE(report.found, clip.least_found) << score::FormatReport(report);
  EXPECT_LE(report.false_alarms, clip.most_false_alarms) << score::FormatReport(report);
  EXPECT_EQ(report.duplicates, 0) << score::FormatReport(report);
  for (const ChangeEvent& event : events) {
    EXPECT_EQ(event.caption_status, CaptionStatus::kReady) << event.id;
  }
}

const std::vector<std::string> kQuick = {"--interval", "250ms", "--settle", "1s"};

INSTANTIATE_TEST_SUITE_P(
    Clips, FootageTest,
    testing::Values(Clip{"bottles", "intel_samples/bottle-detection.mp4",
                         "intel_samples/bottle-detection.truth.json", kQuick, 6, 1},
                    Clip{"people",
                         "intel_samples/one-by-one-person-detection.mp4",
                         "intel_samples/one-by-one-person-detection.truth.json",
                         {},
                         0,
                         1},
                    Clip{"cars",
                         "intel_samples/car-detection.mp4",
                         "intel_samples/car-detection.truth.json",
                         {},
                         0,
                         1},
                    Clip{"bag", "aboda/video4.avi", "aboda/truth.json", {}, 1, 1},
                    Clip{"tree",
                         "wallflower_wavingtrees/WavingTrees",
                         "wallflower_wavingtrees/truth.json",
                         {"--frame-interval", "250ms"},
                         0,
                         0}),
    [](const testing::TestParamInfo<Clip>& clip) { return clip.param.name; });

}  // namespace
}  // namespace stillwatch::e2e
