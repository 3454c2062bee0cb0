// CropFor: which part of a picture the model looks at.

#pragma once

#include <vector>

#include "pipeline/core/event.h"

namespace stillwatch::model {

// A rectangle in pixels that lies inside its picture.
struct PixelRect {
  int x = 0, y = 0, width = 0, height = 0;
  friend bool operator==(const PixelRect&, const PixelRect&) = default;
};

// The part of a width x height picture around `regions` (fractions): a square of twice the longer
// side of their bounding box, at least kLeastCrop of the picture's shorter side, moved to lie
// inside the picture and cut where it cannot.  No regions, or none inside: the whole picture.
//
// Training crops with the same function (model/data): the model sees in use what it learned on.
// REQUIRES: width > 0 and height > 0.
PixelRect CropFor(int width, int height, const std::vector<Region>& regions);

inline constexpr double kCropMargin = 2.0;  // A guess: as much surroundings as thing.
inline constexpr double kLeastCrop = 0.3;  // A guess: below it the picture is mostly interpolation.

}  // namespace stillwatch::model
