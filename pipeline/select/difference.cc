#include "pipeline/select/difference.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {
namespace {

float GradientAt(const cv::Mat& y, int row, int i) {
  const auto* above = y.ptr<float>(std::max(0, row - 1));
  const auto* below = y.ptr<float>(std::min(y.rows - 1, row + 1));
  const auto* here = y.ptr<float>(row);
  const float gx = here[std::min(y.cols - 1, i + 1)] - here[std::max(0, i - 1)];
  return 0.5f * (std::abs(gx) + std::abs(below[i] - above[i]));
}

}  // namespace

Image ScoreOf(const WorkingPicture& reference, const WorkingPicture& present,
              const DifferencePolicy& policy) {
  const cv::Mat &ay = reference.y.mat(), &by = present.y.mat();
  cv::Mat score(ay.size(), CV_32F);
  // Half a dozen grey levels are lost to compression on every clip we have; bottle-detection's
  // glass differs from its wall by 20 to 40.
  const auto brightness = static_cast<float>(policy.tolerance * (12 + 3 * policy.noise));
  const auto colour = static_cast<float>(policy.tolerance * (12 + 2 * policy.noise));
  for (int row = 0; row < ay.rows; ++row) {
    const auto *a = ay.ptr<float>(row), *b = by.ptr<float>(row);
    const auto *acr = reference.cr.mat().ptr<float>(row), *acb = reference.cb.mat().ptr<float>(row);
    const auto *bcr = present.cr.mat().ptr<float>(row), *bcb = present.cb.mat().ptr<float>(row);
    auto* out = score.ptr<float>(row);
    for (int i = 0; i < ay.cols; ++i) {
      // An edge that both pictures have may be off by a fraction of a pixel.
      const float edge = std::min(GradientAt(ay, row, i), GradientAt(by, row, i));
      const float dy = std::max(0.0f, std::abs(b[i] - a[i]) - 0.7f * edge) / brightness;
      // Colour goes with brightness: a shadow on a red wall is a darker red.
      const float q = std::clamp((b[i] + 8) / (std::max(a[i], 0.0f) + 8), 0.4f, 2.5f);
      const float dr = bcr[i] - q * acr[i], db = bcb[i] - q * acb[i];
      const float dc = std::sqrt(dr * dr + db * db) / (colour * std::max(1.0f, q));
      out[i] = std::sqrt(dy * dy + dc * dc);
    }
  }
  cv::blur(score, score, {3, 3});
  return score;
}

}  // namespace stillwatch::select
