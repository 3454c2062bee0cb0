#include <array>
#include <cmath>

#include "model/data/scene/stage.h"

namespace stillwatch::data {

int Shell::Add(const Surface& surface) {
  surfaces.push_back(surface);
  return static_cast<int>(surfaces.size()) - 1;
}

void Shell::Quad(const Vec& a, const Vec& b, const Vec& c, const Vec& d, int surface, int object) {
  const auto first = static_cast<std::uint32_t>(points.size());
  for (const Vec& p : {a, b, c, d}) points.push_back(p);
  uv.insert(uv.end(), {{0, 0}, {1, 0}, {1, 1}, {0, 1}});
  triangles.push_back({first, first + 1, first + 2});
  triangles.push_back({first, first + 2, first + 3});
  for (int i = 0; i < 2; ++i) {
    surface_of.push_back(surface);
    object_of.push_back(object);
  }
}

void Shell::Box(const Vec& l, const Vec& h, int surface, int object) {
  Quad({l.x, l.y, h.z}, {h.x, l.y, h.z}, {h.x, h.y, h.z}, {l.x, h.y, h.z}, surface, object);
  Quad({h.x, l.y, l.z}, {l.x, l.y, l.z}, {l.x, h.y, l.z}, {h.x, h.y, l.z}, surface, object);
  Quad({l.x, l.y, l.z}, {l.x, l.y, h.z}, {l.x, h.y, h.z}, {l.x, h.y, l.z}, surface, object);
  Quad({h.x, l.y, h.z}, {h.x, l.y, l.z}, {h.x, h.y, l.z}, {h.x, h.y, h.z}, surface, object);
  Quad({l.x, h.y, h.z}, {h.x, h.y, h.z}, {h.x, h.y, l.z}, {l.x, h.y, l.z}, surface, object);
  Quad({l.x, l.y, l.z}, {h.x, l.y, l.z}, {h.x, l.y, h.z}, {l.x, l.y, h.z}, surface, object);
}

Affine Standing(const Vec& at, float yaw, float scale) {
  const float c = std::cos(yaw) * scale;
  const float s = std::sin(yaw) * scale;
  return {.x = {c, 0, -s}, .y = {0, scale, 0}, .z = {s, 0, c}, .at = at};
}

Affine Lying(const Model& model, const Vec& at, float yaw, float scale) {
  // Over its right side: x goes down, y goes to the right.
  const float c = std::cos(yaw) * scale;
  const float s = std::sin(yaw) * scale;
  Affine pose{.x = {0, -scale, 0}, .y = {c, 0, -s}, .z = {s, 0, c}};
  const float middle = (model.low.y + model.high.y) / 2;
  pose.at = at - pose.y * middle + Vec{0, model.high.x * scale, 0};
  return pose;
}

Bounds BoundsOf(const Model& model, const Affine& pose) {
  Bounds bounds;
  for (int corner = 0; corner < 8; ++corner) {
    const Vec p = pose.Point({(corner & 1) != 0 ? model.high.x : model.low.x,
                              (corner & 2) != 0 ? model.high.y : model.low.y,
                              (corner & 4) != 0 ? model.high.z : model.low.z});
    bounds.low = {std::min(bounds.low.x, p.x), std::min(bounds.low.y, p.y),
                  std::min(bounds.low.z, p.z)};
    bounds.high = {std::max(bounds.high.x, p.x), std::max(bounds.high.y, p.y),
                   std::max(bounds.high.z, p.z)};
  }
  return bounds;
}

}  // namespace stillwatch::data
