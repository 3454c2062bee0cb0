#include "model/view/crop.h"

#include <algorithm>
#include <cmath>

namespace stillwatch::model {

PixelRect CropFor(int width, int height, const std::vector<Region>& regions) {
  const PixelRect whole{.x = 0, .y = 0, .width = width, .height = height};
  const Region box = BoundingBox(regions);
  const double x0 = std::clamp(box.x, 0.0, 1.0) * width;
  const double y0 = std::clamp(box.y, 0.0, 1.0) * height;
  const double x1 = std::clamp(box.x + box.w, 0.0, 1.0) * width;
  const double y1 = std::clamp(box.y + box.h, 0.0, 1.0) * height;
  // Written so that NaN means the whole picture, too.
  if (!(x1 > x0 && y1 > y0)) return whole;

  const double side =
      std::max(kCropMargin * std::max(x1 - x0, y1 - y0), kLeastCrop * std::min(width, height));
  const int w = std::clamp(static_cast<int>(std::lround(side)), 1, width);
  const int h = std::clamp(static_cast<int>(std::lround(side)), 1, height);
  const int x = static_cast<int>(std::lround((x0 + x1 - w) / 2));
  const int y = static_cast<int>(std::lround((y0 + y1 - h) / 2));
  return {
      .x = std::clamp(x, 0, width - w), .y = std::clamp(y, 0, height - h), .width = w, .height = h};
}

}  // namespace stillwatch::model
