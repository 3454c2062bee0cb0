#include "model/data/thing.h"

#include <algorithm>

#include "model/data/palette.h"

namespace stillwatch::data {

bool Measure(ThingView& view) {
  const Image& rgba = view.sprite.rgba;
  view.x0 = rgba.width;
  view.y0 = rgba.height;
  view.x1 = view.y1 = 0;
  for (int y = 0; y < rgba.height; ++y) {
    for (int x = 0; x < rgba.width; ++x) {
      const auto at = static_cast<std::size_t>(y * rgba.width + x) * 4 + 3;
      if (rgba.bytes[at] < 40) continue;
      view.x0 = std::min(view.x0, x);
      view.y0 = std::min(view.y0, y);
      view.x1 = std::max(view.x1, x + 1);
      view.y1 = std::max(view.y1, y + 1);
    }
  }
  view.color = ClearColor(rgba);
  return view.x1 - view.x0 >= 4 && view.y1 - view.y0 >= 4;
}

}  // namespace stillwatch::data
