#include "pipeline/select/geometry.h"

#include <algorithm>
#include <cmath>

namespace stillwatch::select {

int Geometry::Share(double of_long_side) const {
  return std::max(1,
                  static_cast<int>(std::lround(of_long_side * std::max(size.width, size.height))));
}

Region Geometry::RegionOf(const Box& box) const {
  const double x0 = std::clamp((box.x + shift.x) / size.width, 0.0, 1.0);
  const double y0 = std::clamp((box.y + shift.y) / size.height, 0.0, 1.0);
  const double x1 = std::clamp((box.x + shift.x + box.w) / size.width, 0.0, 1.0);
  const double y1 = std::clamp((box.y + shift.y + box.h) / size.height, 0.0, 1.0);
  return {x0, y0, x1 - x0, y1 - y0};
}

Why Geometry::WhyOf(double area, double age_s, double score) const {
  return {.aligned_px = shift.Length() * width / size.width,
          .illumination_delta = light_delta,
          .changed_ratio = area / Pixels(),
          .settled_s = age_s,
          // Three times the threshold is as sure as it gets.  A guess.
          .score = std::clamp(score / 3, 0.0, 1.0)};
}

}  // namespace stillwatch::select
