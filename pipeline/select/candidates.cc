#include "pipeline/select/candidates.h"

#include <algorithm>
#include <cstddef>

#include <opencv2/imgproc.hpp>

#include "pipeline/select/difference.h"

namespace stillwatch::select {

double Iou(const Box& a, const Box& b) {
  const int w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const int h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  const double both = static_cast<double>(w) * h;
  return both / (a.Area() + b.Area() - both);
}

Box Union(const Box& a, const Box& b) {
  const int x = std::min(a.x, b.x), y = std::min(a.y, b.y);
  return {x, y, std::max(a.x + a.w, b.x + b.w) - x, std::max(a.y + a.h, b.y + b.h) - y};
}

Box Grown(const Box& box, int px, int width, int height) {
  const int x = std::max(0, box.x - px), y = std::max(0, box.y - px);
  return {x, y, std::min(width, box.x + box.w + px) - x, std::min(height, box.y + box.h + px) - y};
}

int Gap(const Box& a, const Box& b) {
  const int dx = std::max({0, a.x - (b.x + b.w), b.x - (a.x + a.w)});
  const int dy = std::max({0, a.y - (b.y + b.h), b.y - (a.y + a.h)});
  return std::max(dx, dy);
}

std::vector<Candidate> FindCandidates(const Image& score, const Image& age_s, double settle_s,
                                      int join_px) {
  const cv::Mat low = score.mat() >= kLowScore;
  cv::Mat joined;
  const int size = join_px | 1;
  // A border of the kernel's size: closing at the picture's rim would otherwise eat the region.
  cv::copyMakeBorder(low, joined, size, size, size, size, cv::BORDER_CONSTANT, cv::Scalar(0));
  cv::morphologyEx(joined, joined, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_RECT, {size, size}));
  joined = joined(cv::Rect(size, size, low.cols, low.rows)).clone();

  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(joined, labels, stats, centroids, 8, CV_32S);
  std::vector<Candidate> found;
  for (int label = 1; label < count; ++label) {
    const int* stat = stats.ptr<int>(label);
    if (stat[cv::CC_STAT_AREA] < 9) continue;
    const cv::Rect rect(stat[cv::CC_STAT_LEFT], stat[cv::CC_STAT_TOP], stat[cv::CC_STAT_WIDTH],
                        stat[cv::CC_STAT_HEIGHT]);
    Candidate candidate;
    candidate.box = {rect.x, rect.y, rect.width, rect.height};
    candidate.mask = Image(cv::Mat(labels(rect) == label));
    int strong = 0, old = 0, different = 0;
    std::vector<float> ages;
    for (int row = 0; row < rect.height; ++row) {
      const auto* inside = candidate.mask.mat().ptr<std::uint8_t>(row);
      const auto* s = score.mat().ptr<float>(rect.y + row) + rect.x;
      const auto* age = age_s.mat().ptr<float>(rect.y + row) + rect.x;
      for (int i = 0; i < rect.width; ++i) {
        if (!inside[i] || s[i] < kLowScore) continue;
        ++different;
        strong += s[i] >= 1;
        old += age[i] >= static_cast<float>(settle_s);
        candidate.score += static_cast<double>(s[i]);
        ages.push_back(age[i]);
      }
    }
    // An eighth: a faint region with a few strong pixels is noise around an edge.  A guess.
    if (different == 0 || strong * 8 < different) continue;
    candidate.area = strong;
    candidate.settled = static_cast<double>(old) / different;
    candidate.score /= different;
    const auto tenth = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10);
    std::nth_element(ages.begin(), tenth, ages.end());
    candidate.age_s = static_cast<double>(*tenth);
    found.push_back(std::move(candidate));
  }
  std::sort(found.begin(), found.end(),
            [](const Candidate& a, const Candidate& b) { return a.area > b.area; });
  constexpr std::size_t kMost = 64;
  if (found.size() > kMost) found.erase(found.begin() + kMost, found.end());
  return found;
}

}  // namespace stillwatch::select
