// The acceptance figures of the selector, on real footage.

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "pipeline/score/score.h"
#include "tests/unit/select/studio.h"

namespace stillwatch::select {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::filesystem::path Footage() {
  const char* set = std::getenv("STILLWATCH_SHARED");
  return std::filesystem::path(set ? set : STILLWATCH_SOURCE_DIR "/../shared") / "footage";
}

// Calls visit(index, bgr) for each frame of a video file or of a folder of pictures.
void ForEachFrame(const std::filesystem::path& clip,
                  const std::function<void(int, const cv::Mat&)>& visit) {
  int index = 0;
  if (!std::filesystem::is_directory(clip)) {
    cv::VideoCapture capture(clip.string());
    for (cv::Mat picture; capture.read(picture);) visit(index++, picture);
    return;
  }
  std::vector<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::directory_iterator(clip)) {
    if (entry.path().extension() == ".png") names.push_back(entry.path());
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names) visit(index++, cv::imread(name.string()));
}

score::ScoreReport ScoreOn(const std::string& clip, const std::string& truth_file,
                           const PairPolicy& policy) {
  const auto truth = score::LoadTruth((Footage() / truth_file).string());
  if (!truth) {
    ADD_FAILURE() << truth.error().message();
    return {};
  }
  const double fps = truth->fps > 0 ? truth->fps : 25;
  auto selector = PairSelector::Create(policy, "footage").value();
  std::vector<ChangeEvent> events;
  const auto take = [&](const Selection& selection) {
    for (const SelectedPair& pair : selection.selected) {
      ChangeEvent event;
      event.id = pair.event_id;
      event.type = pair.step;
      event.kind = pair.kind;
      event.regions = pair.regions;
      event.current = MomentOf(*pair.current);
      events.push_back(event);
      EXPECT_LE(pair.reference->captured_at, pair.current->captured_at);
    }
  };
  nanoseconds next{0};
  int frames = 0;
  ForEachFrame(Footage() / clip, [&](int index, const cv::Mat& bgr) {
    ++frames;
    const nanoseconds pts(static_cast<std::int64_t>(1e9 * index / fps));
    if (pts < next) return;
    while (next <= pts) next += policy.interval;
    cv::Mat rgb;
    cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    take(selector->Push(FrameOf(rgb, index, pts)));
  });
  take(selector->Finish());
  EXPECT_GT(frames, 0) << clip;
  const score::ScoreReport report = score::Score(*truth, events, fps, truth->width, truth->height);
  std::printf("%s\n%s", clip.c_str(), FormatReport(report).c_str());
  return report;
}

const PairPolicy kQuick{.interval = milliseconds(250), .settle = milliseconds(1000)};

class FootageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(Footage())) GTEST_SKIP() << Footage() << " is not there";
  }
};

TEST_F(FootageTest, FindsTheBottles) {
  const auto report = ScoreOn("intel_samples/bottle-detection.mp4",
                              "intel_samples/bottle-detection.truth.json", kQuick);
  EXPECT_GE(report.found, 6);
  EXPECT_LE(report.false_alarms, 1);
  EXPECT_EQ(report.duplicates, 0);
}

TEST_F(FootageTest, PeopleAtATableAreNoChange) {
  for (const PairPolicy& policy : {kQuick, PairPolicy{}}) {
    const auto report = ScoreOn("intel_samples/one-by-one-person-detection.mp4",
                                "intel_samples/one-by-one-person-detection.truth.json", policy);
    EXPECT_LE(report.false_alarms, 1);
  }
}

TEST_F(FootageTest, TrafficAndExposureAreNoChange) {
  for (const PairPolicy& policy : {kQuick, PairPolicy{}}) {
    const auto report = ScoreOn("intel_samples/car-detection.mp4",
                                "intel_samples/car-detection.truth.json", policy);
    EXPECT_LE(report.false_alarms, 1);
  }
}

TEST_F(FootageTest, FindsTheBag) {
  const auto report = ScoreOn("aboda/video4.avi", "aboda/truth.json", kQuick);
  EXPECT_EQ(report.found, 1);
  EXPECT_LE(report.false_alarms, 1);
}

TEST_F(FootageTest, AWavingTreeIsNoChange) {
  const auto report =
      ScoreOn("wallflower_wavingtrees/WavingTrees", "wallflower_wavingtrees/truth.json", kQuick);
  EXPECT_EQ(report.false_alarms, 0);
}

}  // namespace
}  // namespace stillwatch::select
