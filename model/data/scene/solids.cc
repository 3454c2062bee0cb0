#include <cmath>
#include <vector>

#include "model/data/scene/scenery.h"
#include "model/data/scene/solid_colors.h"

namespace stillwatch::data {

const std::vector<NamedColor>& SolidColors() {
  static const std::vector<NamedColor> colors{
      {"grey", {0.34F, 0.34F, 0.34F}},  {"red", {0.68F, 0.14F, 0.14F}},
      {"blue", {0.16F, 0.29F, 0.84F}},  {"green", {0.11F, 0.41F, 0.08F}},
      {"brown", {0.51F, 0.29F, 0.10F}}, {"purple", {0.51F, 0.15F, 0.75F}},
      {"cyan", {0.16F, 0.82F, 0.82F}},  {"yellow", {1.0F, 0.93F, 0.20F}}};
  return colors;
}

void ColorSolid(Stand& stand, const NamedColor& color, Random& random) {
  stand.color = color.name;
  // The published scenes take these numbers for linear light.
  const auto near = [&](float v) {
    return std::pow(std::clamp(v + static_cast<float>(random.Range(-0.02, 0.02)), 0.02F, 1.0F),
                    1 / 2.2F);
  };
  stand.tint = Vec{near(color.rgb[0]), near(color.rgb[1]), near(color.rgb[2])};
}

std::optional<Stand> PutSolid(const ModelStock& stock, const Scenery& scenery, const State& state,
                              Random& random) {
  static const std::vector<std::string> kNouns{"cube", "sphere", "cylinder"};
  // Of one shape all meshes are alike: the stock's first one serves both splits.
  const std::string& noun = random.Pick(kNouns);
  const Model* model = nullptr;
  for (const Model& candidate : stock.models()) {
    if (candidate.noun == noun) {
      model = &candidate;
      break;
    }
  }
  if (!model) return std::nullopt;
  Stand stand{.model = model};
  const bool large = random.Chance(0.5);
  const float size = model->high.y - model->low.y;
  // Of published scenes: spheres of radius 0.7 or 0.35, cubes 0.99 wide.
  stand.scale = (large ? 1.4F : 0.7F) * (noun == "cube" ? 0.72F : 1) / size;
  stand.shine = random.Chance(0.5) ? kMetal : kRubber;
  ColorSolid(stand, random.Pick(SolidColors()), random);
  for (int attempt = 0; attempt < 30; ++attempt) {
    stand.x = static_cast<float>(random.Range(-3, 3));
    stand.z = static_cast<float>(random.Range(-3, 3));
    stand.yaw = static_cast<float>(random.Range(0, 6.2832));
    bool free = true;
    for (const Stand& other : state.stands) {
      const float radius =
          (size * stand.scale + (other.model->high.y - other.model->low.y) * other.scale) * 0.5F;
      if (other.there && std::hypot(other.x - stand.x, other.z - stand.z) < radius + 0.2F) {
        free = false;
      }
    }
    const Bounds bounds = BoundsOf(scenery, stand);
    const auto seen = scenery.camera.See((bounds.low + bounds.high) * 0.5F);
    if (free && seen && (*seen)[0] > 0.05 && (*seen)[0] < 0.95 && (*seen)[1] > 0.08 &&
        (*seen)[1] < 0.92) {
      return stand;
    }
  }
  return std::nullopt;
}

std::optional<Scenery> DrawSolids(const ModelStock& stock, bool, Random& random) {
  Scenery s{.family = Family::kSolids, .indoor = true};
  const auto uniform = [&](double low, double high) {
    return static_cast<float>(random.Range(low, high));
  };
  const float grey = uniform(0.62, 0.74);
  s.shell.Quad({-200, 0, 40}, {200, 0, 40}, {200, 0, -400}, {-200, 0, -400},
               s.shell.Add({.color = {grey, grey, grey * uniform(0.97, 1.0)}}));
  s.supports.push_back({.x0 = -9, .z0 = -9, .x1 = 9, .z1 = 9, .y = 0, .headroom = 3, .place = 'k'});
  const float near = uniform(0.75, 1.05);  // Some stand close.
  const Vec from{uniform(-1, 1), (5.2F + uniform(-0.9, 0.7)) * near,
                 (9.9F + uniform(-0.9, 0.9)) * near};
  s.camera = Camera::LookAt(from, {uniform(-0.3, 0.3), uniform(0.1, 0.6), uniform(-0.3, 0.3)}, 0);
  s.camera.tan_x = 0.457;
  s.camera.aspect = 1.5;
  const auto lamp = [&](const Vec& middle, float size, float power) {
    const Vec to = Unit(middle);
    const Vec u = Unit(Cross(to, {0, 1, 0}));
    const Vec at = middle + Vec{uniform(-1, 1), uniform(-0.5, 0.5), uniform(-1, 1)};
    s.lighting.lamps.push_back({.middle = at,
                                .half_u = u * size,
                                .half_v = Cross(u, to) * size,
                                .power = Vec{1, 0.99F, 0.97F} * power});
  };
  lamp({2.9F, 5.2F, 8.0F}, 0.7F, uniform(20, 27));
  lamp({-7.0F, 3.8F, -0.6F}, 0.7F, uniform(8, 13));
  lamp({1.4F, 7.2F, -3.4F}, 0.7F, uniform(8, 13));
  s.lighting.sky = Vec{0.16F, 0.16F, 0.16F};
  s.lighting.around = Vec{0.12F, 0.12F, 0.12F};
  s.lighting.rays = 3;
  s.lighting.reach = 3;
  s.lighting.backdrop = {0.1F, 0.1F, 0.1F};
  const int count = random.Int(3, 10);
  for (int i = 0; i < count; ++i) {
    if (auto stand = PutSolid(stock, s, s.state, random)) s.state.stands.push_back(*stand);
  }
  if (s.state.stands.size() < 2) return std::nullopt;
  return s;
}

}  // namespace stillwatch::data
