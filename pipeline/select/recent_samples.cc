#include "pipeline/select/recent_samples.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {

double RecentSamples::AgeOf(const Sample& sample) const {
  return std::chrono::duration<double>(newest()->captured_at - sample.frame->captured_at).count();
}

void RecentSamples::Add(FramePtr frame, Image y, double moving) {
  constexpr std::size_t kMost = 8;
  // Of more samples than eight in a settle time only some are kept, the newest always.
  if (samples_.size() >= 2 &&
      AgeOf(samples_[samples_.size() - 2]) < 0.9 * settle_s_ / static_cast<double>(kMost)) {
    samples_.pop_back();
  }
  samples_.push_back({std::move(frame), std::move(y), moving});
  if (samples_.size() > kMost) samples_.pop_front();
}

FramePtr RecentSamples::Calmest(double age_s) const {
  const Sample* best = &samples_.back();
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    if (AgeOf(*sample) > age_s - interval_s_) break;
    if (sample->moving < 0.8 * best->moving) best = &*sample;
  }
  return best->frame;
}

double RecentSamples::SwayOf(const Candidate& candidate, double settle_s, double noise) const {
  const cv::Rect rect(candidate.box.x, candidate.box.y, candidate.box.w, candidate.box.h);
  const cv::Mat newest_y = samples_.back().y.mat()(rect);
  cv::Mat gx, gy, gradient;
  cv::Sobel(newest_y, gx, CV_32F, 1, 0, 3, 1.0 / 8);
  cv::Sobel(newest_y, gy, CV_32F, 0, 1, 3, 1.0 / 8);
  cv::magnitude(gx, gy, gradient);
  cv::Mat edges = gradient > 4 + 2 * noise;
  edges &= candidate.mask.mat();
  if (cv::countNonZero(edges) < 8) return 0;
  const double steepness = cv::mean(gradient, edges)[0];
  double sway = 0;
  for (auto sample = samples_.rbegin() + 1; sample != samples_.rend(); ++sample) {
    if (AgeOf(*sample) > settle_s - 0.75 * interval_s_) break;
    cv::Mat difference;
    cv::absdiff(newest_y, sample->y.mat()(rect), difference);
    difference -= 1.5 * noise;
    cv::max(difference, 0.0, difference);
    sway = std::max(sway, cv::mean(difference, edges)[0] / steepness);
  }
  return sway;
}

}  // namespace stillwatch::select
