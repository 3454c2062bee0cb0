// Studio: draws the pictures of a camera that does not exist, for the tests of the selector.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "pipeline/select/pair_selector.h"

namespace stillwatch::select {

inline FramePtr FrameOf(const cv::Mat& rgb, std::int64_t index, std::chrono::nanoseconds pts) {
  auto frame = std::make_shared<Frame>();
  frame->camera = "studio";
  frame->captured_at = TimePoint(std::chrono::seconds(1767225600)) + pts;  // 2026-01-01.
  frame->index = index;
  frame->pts = pts;
  frame->width = rgb.cols;
  frame->height = rgb.rows;
  const cv::Mat packed = rgb.isContinuous() ? rgb : rgb.clone();
  frame->rgb.assign(packed.datastart, packed.dataend);
  return frame;
}

// A room: a wall, a textured floor, a cupboard, and sensor noise.  Same seed, same pictures.
// Not thread-safe.
class Studio {
 public:
  static constexpr int kWidth = 480, kHeight = 270;

  explicit Studio(PairPolicy policy = {.interval = std::chrono::milliseconds(250),
                                       .settle = std::chrono::milliseconds(1000)})
      : policy_(std::move(policy)), selector_(PairSelector::Create(policy_, "studio").value()) {}

  static cv::Mat Room() {
    cv::Mat room(kHeight, kWidth, CV_8UC3, cv::Scalar(172, 168, 160));
    cv::RNG random(7);
    cv::Mat grain(kHeight, kWidth, CV_8UC3);
    random.fill(grain, cv::RNG::UNIFORM, 70, 150);
    cv::GaussianBlur(grain, grain, {0, 0}, 2);
    const cv::Rect floor(0, 170, kWidth, kHeight - 170);
    grain(floor).copyTo(room(floor));
    cv::rectangle(room, {330, 60, 90, 120}, {96, 120, 150}, cv::FILLED);
    cv::rectangle(room, {330, 60, 90, 120}, {40, 40, 40}, 2);
    cv::line(room, {375, 60}, {375, 180}, {40, 40, 40}, 2);
    cv::rectangle(room, {40, 30, 70, 50}, {60, 90, 60}, cv::FILLED);
    return room;
  }

  // A box with an edge and a label, so that it looks like something.
  static void DrawBox(cv::Mat& picture, cv::Rect box, const cv::Scalar& colour) {
    cv::rectangle(picture, box, colour, cv::FILLED);
    cv::rectangle(picture, box, {25, 25, 25}, 2);
    cv::line(picture, {box.x, box.y + box.height / 3},
             {box.x + box.width - 1, box.y + box.height / 3}, {235, 235, 220}, 3);
  }

  // Pushes a picture as the camera would deliver it, with noise of `noise` grey levels.
  Selection Push(const cv::Mat& picture, double noise = 2) {
    cv::Mat noisy;
    cv::Mat grain(picture.size(), CV_16SC3);
    random_.fill(grain, cv::RNG::NORMAL, 0, noise);
    cv::add(picture, grain, noisy, cv::noArray(), CV_8UC3);
    return Take(selector_->Push(FrameOf(noisy, index_, Now())));
  }

  // Pushes the same picture for that long.
  void Show(const cv::Mat& picture, double seconds, double noise = 2) {
    Play(
        seconds, [&](int) { return picture; }, noise);
  }

  // Pushes draw(0), draw(1) ... for that long.
  void Play(double seconds, const std::function<cv::Mat(int)>& draw, double noise = 2) {
    const int samples =
        static_cast<int>(seconds * 1000 / static_cast<double>(policy_.interval.count()));
    for (int i = 0; i < samples; ++i) Push(draw(i), noise);
  }

  void Finish() { Take(selector_->Finish()); }

  PairSelector& selector() { return *selector_; }
  std::chrono::nanoseconds Now() const { return start_ + index_ * policy_.interval; }
  // The next samples are taken from here on.
  void StartAt(std::chrono::nanoseconds time) { start_ = time - index_ * policy_.interval; }

  std::vector<SelectedPair> selected;  // All so far.
  std::vector<SuppressedPair> suppressed;

  int Suppressed(SuppressionReason reason) const {
    return static_cast<int>(std::count_if(suppressed.begin(), suppressed.end(),
                                          [&](const auto& pair) { return pair.reason == reason; }));
  }

 private:
  Selection Take(Selection selection) {
    ++index_;
    selected.insert(selected.end(), selection.selected.begin(), selection.selected.end());
    suppressed.insert(suppressed.end(), selection.suppressed.begin(), selection.suppressed.end());
    return selection;
  }

  PairPolicy policy_;
  std::unique_ptr<PairSelector> selector_;
  cv::RNG random_{11};
  std::int64_t index_ = 0;
  std::chrono::nanoseconds start_{0};
};

// `picture` seen by a camera that moved by (x, y).
inline cv::Mat Shifted(const cv::Mat& picture, double x, double y) {
  cv::Mat shifted;
  cv::warpAffine(picture, shifted, cv::Matx23d(1, 0, x, 0, 1, y), picture.size(), cv::INTER_LINEAR,
                 cv::BORDER_REFLECT);
  return shifted;
}

// In another exposure.
inline cv::Mat Gained(const cv::Mat& picture, double gain) {
  cv::Mat gained;
  picture.convertTo(gained, -1, gain);
  return gained;
}

// Multiplied by a grey float mask.
inline cv::Mat Shaded(const cv::Mat& picture, const cv::Mat& shade) {
  cv::Mat planes[3], shaded;
  cv::Mat all;
  picture.convertTo(all, CV_32FC3);
  cv::split(all, planes);
  for (cv::Mat& plane : planes) plane = plane.mul(shade);
  cv::merge(planes, 3, all);
  all.convertTo(shaded, CV_8UC3);
  return shaded;
}

}  // namespace stillwatch::select
