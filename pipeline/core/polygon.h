// Polygon: an outlined part of a picture (zone, ignore mask, privacy mask).

#pragma once

#include <vector>

#include "pipeline/core/event.h"

namespace stillwatch {

struct Point {
  double x = 0, y = 0;  // Fractions of the full picture, origin top left.
  friend bool operator==(const Point&, const Point&) = default;
};

// Closed: the last point joins the first.  At least three points.
using Polygon = std::vector<Point>;

// True if the point lies inside (even-odd rule).
bool Contains(const Polygon& polygon, Point point);

// Covered part of the region, 0..1, on a grid of 8 x 8 points.
double Coverage(const Polygon& polygon, const Region& region);

}  // namespace stillwatch
