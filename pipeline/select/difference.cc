#include "pipeline/select/difference.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {
namespace {

// Half the sum of the central differences, along one row.
void GradientsOf(const cv::Mat& y, int row, std::vector<float>& gradients) {
  const auto* above = y.ptr<float>(std::max(0, row - 1));
  const auto* below = y.ptr<float>(std::min(y.rows - 1, row + 1));
  const auto* here = y.ptr<float>(row);
  auto* out = gradients.data();
  const int last = y.cols - 1;
  for (int i = 1; i < last; ++i) {
    out[i] = 0.5f * (std::abs(here[i + 1] - here[i - 1]) + std::abs(below[i] - above[i]));
  }
  out[0] = 0.5f * std::abs(below[0] - above[0]);
  out[last] = 0.5f * std::abs(below[last] - above[last]);
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
  std::vector<float> edges_a(static_cast<std::size_t>(ay.cols)), edges_b(edges_a.size());
  for (int row = 0; row < ay.rows; ++row) {
    GradientsOf(ay, row, edges_a);
    GradientsOf(by, row, edges_b);
    const float *ea = edges_a.data(), *eb = edges_b.data();
    const auto *a = ay.ptr<float>(row), *b = by.ptr<float>(row);
    const auto *acr = reference.cr.mat().ptr<float>(row), *acb = reference.cb.mat().ptr<float>(row);
    const auto *bcr = present.cr.mat().ptr<float>(row), *bcb = present.cb.mat().ptr<float>(row);
    auto* out = score.ptr<float>(row);
    for (int i = 0; i < ay.cols; ++i) {
      // An edge that both pictures have may be off by a fraction of a pixel.
      const float edge = std::min(ea[i], eb[i]);
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
