#include "pipeline/core/polygon.h"

#include <cstddef>

namespace stillwatch {

bool Contains(const Polygon& polygon, Point point) {
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const Point a = polygon[i], b = polygon[j];
    if ((a.y > point.y) == (b.y > point.y)) continue;
    if (point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

double Coverage(const Polygon& polygon, const Region& region) {
  constexpr int kGrid = 8;
  int inside = 0;
  for (int i = 0; i < kGrid; ++i) {
    for (int j = 0; j < kGrid; ++j) {
      const Point point{.x = region.x + region.w * (i + 0.5) / kGrid,
                        .y = region.y + region.h * (j + 0.5) / kGrid};
      if (Contains(polygon, point)) ++inside;
    }
  }
  return static_cast<double>(inside) / (kGrid * kGrid);
}

}  // namespace stillwatch
