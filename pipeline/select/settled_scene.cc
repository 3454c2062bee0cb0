#include "pipeline/select/settled_scene.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/core.hpp>

namespace stillwatch::select {
namespace {

// Median absolute difference on every fourth pixel of every fourth row, as a standard deviation.
double NoiseBetween(const cv::Mat& a, const cv::Mat& b) {
  std::vector<float> values;
  for (int row = 0; row < a.rows; row += 4) {
    for (int i = 0; i < a.cols; i += 4) {
      values.push_back(std::abs(a.at<float>(row, i) - b.at<float>(row, i)));
    }
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return 1.48 * static_cast<double>(*middle);
}

}  // namespace

void SettledScene::Start(const WorkingPicture& picture, double interval_s) {
  value_ = picture;
  age_ = Image(cv::Mat(picture.y.mat().size(), CV_32F, cv::Scalar(interval_s)));
  restless_ = Image(cv::Mat(picture.y.mat().size(), CV_32F, cv::Scalar(0)));
  noise_ = 1;
  moving_ = 0;
}

void SettledScene::Add(const WorkingPicture& picture, double elapsed_s, double interval_s,
                       double oldest_s) {
  const cv::Mat &y = picture.y.mat(), &cr = picture.cr.mat(), &cb = picture.cb.mat();
  cv::Mat &vy = value_.y.mat(), &vcr = value_.cr.mat(), &vcb = value_.cb.mat();
  noise_ += 0.2 * (std::min(8.0, NoiseBetween(vy, y)) - noise_);

  // A still pixel stays within noise and within what a shake of a third of a pixel does to an edge.
  // Tuned on one-by-one-person-detection (people who stand) and bottle-detection (bottles that do).
  const auto slack = static_cast<float>(6 + 3 * noise_);
  constexpr float kShake = 0.35f;
  constexpr float kColour = 12;
  constexpr float kForget = 0.03f;  // Restlessness looks back about 30 samples.  A guess.
  const auto elapsed = static_cast<float>(elapsed_s);
  const auto oldest = static_cast<float>(oldest_s);
  const auto fresh = static_cast<float>(interval_s);
  int moved = 0;
  cv::Mat next_y = vy.clone();
  for (int row = 0; row < y.rows; ++row) {
    const auto* above = vy.ptr<float>(std::max(0, row - 1));
    const auto* below = vy.ptr<float>(std::min(y.rows - 1, row + 1));
    const auto* here = vy.ptr<float>(row);
    auto* next = next_y.ptr<float>(row);
    auto* age = age_.mat().ptr<float>(row);
    auto* restless = restless_.mat().ptr<float>(row);
    auto *old_cr = vcr.ptr<float>(row), *old_cb = vcb.ptr<float>(row);
    const auto *new_y = y.ptr<float>(row), *new_cr = cr.ptr<float>(row),
               *new_cb = cb.ptr<float>(row);
    for (int i = 0; i < y.cols; ++i) {
      const float gx = here[std::min(y.cols - 1, i + 1)] - here[std::max(0, i - 1)];
      const float gy = below[i] - above[i];
      const float gradient = 0.5f * (std::abs(gx) + std::abs(gy));
      const float dy = std::abs(new_y[i] - here[i]);
      const float dc = std::max(std::abs(new_cr[i] - old_cr[i]), std::abs(new_cb[i] - old_cb[i]));
      const bool still = dy < slack + kShake * gradient && dc < slack + kColour;
      restless[i] += kForget * ((still ? 0.0f : 1.0f) - restless[i]);
      if (still) {
        age[i] = std::min(oldest, age[i] + elapsed);
        // A mean of the last eight samples at most: it must follow slow light.
        const float weight = std::max(0.125f, fresh / std::max(fresh, age[i]));
        next[i] = here[i] + weight * (new_y[i] - here[i]);
        old_cr[i] += weight * (new_cr[i] - old_cr[i]);
        old_cb[i] += weight * (new_cb[i] - old_cb[i]);
      } else {
        ++moved;
        age[i] = fresh;  // This sample already stands for its own interval.
        next[i] = new_y[i];
        old_cr[i] = new_cr[i];
        old_cb[i] = new_cb[i];
      }
    }
  }
  vy = next_y;
  moving_ = static_cast<double>(moved) / std::max<double>(1, static_cast<double>(y.total()));
}

}  // namespace stillwatch::select
