#include "pipeline/select/recent_samples.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {

namespace {

struct Edges {
  cv::Mat mask;
  int count = 0;
  double steepness = 1;  // Mean gradient.
};

Edges EdgesIn(const cv::Mat& y, const cv::Mat& where, double noise) {
  cv::Mat gx, gy, gradient;
  cv::Sobel(y, gx, CV_32F, 1, 0, 3, 1.0 / 8);
  cv::Sobel(y, gy, CV_32F, 0, 1, 3, 1.0 / 8);
  cv::magnitude(gx, gy, gradient);
  Edges edges;
  edges.mask = gradient > 4 + 2 * noise;
  edges.mask &= where;
  edges.count = cv::countNonZero(edges.mask);
  if (edges.count > 0) edges.steepness = cv::mean(gradient, edges.mask)[0];
  return edges;
}

// By how many pixels edges must have wandered to differ that much.
double Wandered(const cv::Mat& newest, const cv::Mat& earlier, const Edges& edges, double noise) {
  cv::Mat difference;
  cv::absdiff(newest, earlier, difference);
  difference -= 1.5 * noise;
  cv::max(difference, 0.0, difference);
  return cv::mean(difference, edges.mask)[0] / edges.steepness;
}

}  // namespace

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

double RecentSamples::SwayOf(const Candidate& candidate, double settle_s, double noise,
                             const Image& calm) const {
  const cv::Mat& newest_y = samples_.back().y.mat();
  const cv::Rect rect(candidate.box.x, candidate.box.y, candidate.box.w, candidate.box.h);
  const Edges inside = EdgesIn(newest_y(rect), candidate.mask.mat(), noise);
  if (inside.count < 8) return 0;
  Edges outside;  // Looked for when it matters.
  double sway = 0;
  for (auto sample = samples_.rbegin() + 1; sample != samples_.rend(); ++sample) {
    if (AgeOf(*sample) > settle_s - 0.75 * interval_s_) break;
    double here = Wandered(newest_y(rect), sample->y.mat()(rect), inside, noise);
    if (here > sway && here > 0.1) {
      // A camera that shakes a little more than registration can take out makes everything sway.
      if (outside.mask.empty()) outside = EdgesIn(newest_y, calm.mat(), noise);
      if (outside.count >= 8) here -= Wandered(newest_y, sample->y.mat(), outside, noise);
    }
    sway = std::max(sway, here);
  }
  return sway;
}

}  // namespace stillwatch::select
