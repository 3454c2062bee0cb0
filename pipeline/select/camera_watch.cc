#include "pipeline/select/camera_watch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {
namespace {

// All thresholds here are guesses that hold on the pictures of camera_watch_test.cc and raise no
// alarm on the footage of README.md.
constexpr double kHold_s = 6;  // Half a minute is asked for; somebody close to the lens passes.

double Correlation(const cv::Mat& a, const cv::Mat& b) {
  const double both = a.dot(b), each = cv::norm(a) * cv::norm(b);
  return each > 0 ? both / each : 0;
}

cv::Mat Layout(const cv::Mat& y) {
  cv::Mat small;
  cv::resize(y, small, {24, 16}, 0, 0, cv::INTER_AREA);
  small -= cv::mean(small)[0];
  return small;
}

double Spread(const cv::Mat& y) {
  cv::Scalar mean, spread;
  cv::meanStdDev(y, mean, spread);
  return spread[0];
}

// Brightness that a twentieth of the pixels exceed, and the part above 235.
std::pair<double, double> Highlights(const cv::Mat& y) {
  std::array<int, 256> count{};
  for (int row = 0; row < y.rows; row += 2) {
    const auto* here = y.ptr<float>(row);
    for (int i = 0; i < y.cols; i += 2) {
      ++count[static_cast<std::size_t>(std::clamp(here[i], 0.0f, 255.0f))];
    }
  }
  int all = 0, white = 0;
  for (int level = 0; level < 256; ++level) {
    all += count[static_cast<std::size_t>(level)];
    if (level >= 235) white += count[static_cast<std::size_t>(level)];
  }
  int above = 0, level = 255;
  while (level > 0 && (above += count[static_cast<std::size_t>(level)]) * 20 < all) --level;
  return {level, static_cast<double>(white) / std::max(1, all)};
}

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

ViewDifference Compare(const WorkingPicture& reference, const WorkingPicture& present) {
  ViewDifference difference;
  const Image was = EdgesOf(reference), is = EdgesOf(present);
  const cv::Mat &a = was.mat(), &b = is.mat();
  constexpr int kBlocks = 8;  // A side.
  int with_edges = 0, lost = 0;
  double lost_a = 0, lost_b = 0, all_a = 0, all_b = 0;
  for (int row = 0; row < kBlocks; ++row) {
    for (int column = 0; column < kBlocks; ++column) {
      const int x0 = a.cols * column / kBlocks, x1 = a.cols * (column + 1) / kBlocks;
      const int y0 = a.rows * row / kBlocks, y1 = a.rows * (row + 1) / kBlocks;
      if (x1 <= x0 || y1 <= y0) continue;
      const cv::Rect block(x0, y0, x1 - x0, y1 - y0);
      const double energy = cv::norm(a(block), cv::NORM_L2SQR);
      if (energy < 4.0 * block.area()) continue;  // Noise alone has that much.
      const double now = cv::norm(b(block), cv::NORM_L2SQR);
      ++with_edges;
      all_a += energy;
      all_b += now;
      if (Correlation(a(block), b(block)) > 0.25) continue;
      ++lost;
      lost_a += energy;
      lost_b += now;
    }
  }
  const double contrast =
      std::max(1.0, Spread(present.y.mat())) / std::max(1.0, Spread(reference.y.mat()));
  // Too few places with edges say nothing about the view.
  if (with_edges >= 6) {
    difference.lost = static_cast<double>(lost) / with_edges;
    if (lost_a > 0) difference.lost_edges = std::sqrt(lost_b / lost_a);
    difference.sharpness = std::sqrt(all_b / all_a) / contrast;
  }
  difference.layout = Correlation(Layout(reference.y.mat()), Layout(present.y.mat()));
  std::tie(difference.level, difference.white) = Highlights(present.y.mat());
  std::tie(difference.reference_level, difference.reference_white) = Highlights(reference.y.mat());
  return difference;
}

void CameraWatch::Forget() { *this = {}; }

bool CameraWatch::IsFrozen(const FramePtr& frame) {
  const bool repeats = last_ && last_->rgb == frame->rgb;
  if (!repeats) {
    repeats_since_ = frame->captured_at;
    fresh_ = std::min(fresh_ + 1, 30);
    return false;
  }
  // A camera that repeated its pictures before is only very quiet.
  const double repeated_s = Seconds(frame->captured_at - repeats_since_);
  if (fresh_ >= 20 && repeated_s >= 10) return true;
  if (fresh_ < 20) fresh_ = 0;
  return false;
}

std::optional<EventType> CameraWatch::SignOf(const ViewDifference& difference,
                                             const WorkingPicture& present, const Shift& shift) {
  const Image edges = EdgesOf(present);
  const bool at_rest = !last_edges_.empty() && Correlation(last_edges_.mat(), edges.mat()) > 0.7;
  last_edges_ = edges;
  if (difference.level < 30 && difference.reference_level > 60) return EventType::kCameraDark;
  if (difference.white > 0.6 && difference.reference_white < 0.3) return EventType::kCameraBright;
  if (difference.sharpness < 0.5 && difference.layout > 0.8) return EventType::kCameraDefocused;
  if (difference.lost > 0.6) {
    if (difference.lost_edges < 0.5) return EventType::kCameraObstructed;
    // While it turns, it is not told: where to is what matters.
    if (!at_rest) samples_ = 0;
    return EventType::kCameraMoved;
  }
  const double long_side = std::max(present.y.width(), present.y.height());
  if (shift.certain && shift.Length() > 0.02 * long_side) return EventType::kCameraMoved;
  return std::nullopt;
}

CameraWatch::Sight CameraWatch::Look(const WorkingPicture& reference, const WorkingPicture& present,
                                     const Shift& shift, FramePtr frame) {
  Sight sight{.difference = Compare(reference, present)};
  const TimePoint now = frame->captured_at;
  auto sign = SignOf(sight.difference, present, shift);
  if (IsFrozen(frame)) sign = EventType::kCameraFrozen;
  last_ = std::move(frame);
  if (!sign) {
    sign_.reset();
    samples_ = 0;
    ++right_;
    if (told_ && right_ >= 2) {
      told_.reset();
      sight.tell = EventType::kCameraRecovered;
    }
    sight.trouble = told_.has_value();
    return sight;
  }
  right_ = 0;
  sight.trouble = true;
  if (sign != sign_ || samples_ == 0) {
    sign_ = sign;
    since_ = now;
    samples_ = 0;
  }
  ++samples_;
  // Frozen has been so for ten seconds already.
  const bool holds =
      *sign == EventType::kCameraFrozen || (samples_ >= 3 && Seconds(now - since_) >= kHold_s);
  if (!told_ && holds) {
    sight.tell = sign;
    // A new view has no end: it becomes the reference.
    if (*sign != EventType::kCameraMoved) told_ = sign;
  }
  return sight;
}

}  // namespace stillwatch::select
