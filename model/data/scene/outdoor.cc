#include <cmath>
#include <vector>

#include "model/data/scene/decor.h"

namespace stillwatch::data {
namespace {

void OutdoorLight(Scenery& s, Random& random) {
  Lighting& l = s.lighting;
  const double elevation = random.Range(0.3, 1.2);
  const double around = random.Range(0, 6.2832);
  l.to_sun = {static_cast<float>(std::cos(elevation) * std::cos(around)),
              static_cast<float>(std::sin(elevation)),
              static_cast<float>(std::cos(elevation) * std::sin(around))};
  const bool overcast = random.Chance(0.3);
  const float warm = elevation < 0.6 ? 0.75F : 0.95F;
  l.sun = overcast ? Vec{} : Vec{1.1F, 1.0F * warm, 0.9F * warm} * Uniform(random, 0.6, 1.2);
  l.sky = Vec{0.30F, 0.34F, 0.42F} * (overcast ? 1.8F : 1.0F);
  l.around = Vec{0.2F, 0.2F, 0.19F};
  l.reach = 12;
  l.backdrop = overcast ? Vec{0.75F, 0.77F, 0.8F} : Vec{0.5F, 0.62F, 0.85F};
}

// A ground outside with a building behind it.
void Outside(Scenery& s, const Surface& ground, float w, float d, Random& random) {
  s.indoor = false;
  s.shell.Quad({-20, 0, d + 20}, {w + 20, 0, d + 20}, {w + 20, 0, -40}, {-20, 0, -40},
               s.shell.Add(ground));
  if (random.Chance(0.8)) {
    Surface wall = WallSurface(random);
    if (random.Chance(0.3)) {
      wall.pattern = Pattern::kCorrugated;
      wall.scale = 0.25F;
      wall.color2 = wall.color * 0.75F;
    }
    const int surface = s.shell.Add(wall);
    const float h = Uniform(random, 3, 8);
    const float x0 = -Uniform(random, 2, 15), x1 = w + Uniform(random, 0, 15);
    AddSolid(s, {x0, 0, -6}, {x1, h, -0.05F}, surface);
    const int glass = s.shell.Add({.color = {0.12F, 0.15F, 0.2F}, .shine = 0.5F});
    const int frame = s.shell.Add({.color = Greyish(random, 0.3, 0.9)});
    for (float x = x0 + 1; x + 1.4F < x1; x += Uniform(random, 2.2, 4)) {
      if (random.Chance(0.25)) {
        s.shell.Box({x, 0, -0.06F}, {x + 1.0F, 2.1F, 0.01F}, frame);
      } else {
        s.shell.Box({x - 0.06F, 0.94F, -0.06F}, {x + 1.26F, 2.26F, 0.0F}, frame);
        s.shell.Box({x, 1.0F, -0.06F}, {x + 1.2F, 2.2F, 0.01F}, glass);
      }
    }
  }
  OutdoorLight(s, random);
}

void StreetLamps(Scenery& s, float w, Random& random) {
  // They are switched on at night only: see the circumstances.
  const int pole = s.shell.Add({.color = {0.3F, 0.32F, 0.33F}});
  if (random.Chance(0.5)) {
    const float x = w * Uniform(random, 0.05, 0.95), z = Uniform(random, 0.2, 0.6);
    AddSolid(s, {x - 0.05F, 0, z - 0.05F}, {x + 0.05F, 4.5F, z + 0.05F}, pole);
  }
}

void OutdoorCamera(Scenery& s, float w, float d, double low, double high, Random& random) {
  const Vec from{w * Uniform(random, 0.1, 0.9), Uniform(random, low, high),
                 d + Uniform(random, 0, 3)};
  const Vec target{w * Uniform(random, 0.35, 0.65), 0, d * Uniform(random, 0.3, 0.55)};
  s.camera = HighCamera(from, target, random.Range(0.5, 0.95), random);
}

}  // namespace

void LoadingBay(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 8, 12), d = Uniform(random, 6, 9);
  Outside(s, FloorSurface(random, true), w, d, random);
  s.place = "loading bay";
  const float deep = Uniform(random, 1.8, 2.8), h = Uniform(random, 0.5, 1.1);
  const int concrete = s.shell.Add({.color = Greyish(random, 0.4, 0.65),
                                    .color2 = Greyish(random, 0.3, 0.5),
                                    .pattern = Pattern::kMottled,
                                    .scale = 0.8F});
  const int warning = s.shell.Add({.color = {0.9F, 0.75F, 0.1F},
                                   .color2 = {0.1F, 0.1F, 0.1F},
                                   .pattern = Pattern::kStripes,
                                   .scale = 0.2F});
  AddSolid(s, {0, 0, 0}, {w, h, deep}, concrete);
  s.shell.Box({0, h - 0.1F, deep}, {w, h, deep + 0.01F}, warning);
  const int gate = s.shell.Add({.color = Greyish(random, 0.5, 0.85),
                                .color2 = Greyish(random, 0.3, 0.5),
                                .pattern = Pattern::kStripes,
                                .scale = 0.25F});
  for (float x = 0.6F; x + 2.4F < w; x += 3.3F) {
    s.shell.Box({x, h, -0.02F}, {x + 2.4F, h + 2.6F, 0.02F}, gate);
  }
  if (random.Chance(0.6)) {
    AddSign(s, {w * Uniform(random, 0.2, 0.7), h + 2.7F, 0.03F}, {0.9F, 0, 0}, {0, 0.5F, 0},
            random);
  }
  s.supports.push_back({.x0 = -1,
                        .z0 = deep + 0.1F,
                        .x1 = w + 1,
                        .z1 = d,
                        .y = 0,
                        .headroom = 6,
                        .place = 's',
                        .weight = 2,
                        .ground = "ground"});
  s.supports.push_back({.x0 = 0.05F,
                        .z0 = 0.1F,
                        .x1 = w - 0.05F,
                        .z1 = deep - 0.05F,
                        .y = h,
                        .headroom = 3,
                        .place = 'r',
                        .weight = 2,
                        .ground = "ramp"});
  Clutter(stock, s, test, 1, random.Int(3, 8), 'r', random, Goods);
  Clutter(stock, s, test, 0, random.Int(1, 4), 's', random);
  OutdoorCamera(s, w, d, 3, 6, random);
}

void CarPark(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 12, 20), d = Uniform(random, 11, 16);
  Surface asphalt{
      .color = Greyish(random, 0.28, 0.5, 0.02), .pattern = Pattern::kSpeckled, .scale = 1.2F};
  asphalt.color2 = asphalt.color * 0.82F;
  Outside(s, asphalt, w, d, random);
  s.place = "car park";
  const int line = s.shell.Add({.color = {0.85F, 0.85F, 0.82F}});
  const float stall = 2.6F;
  for (float x = 0; x <= w; x += stall) {
    s.shell.Quad({x - 0.05F, 0.004F, 6}, {x + 0.05F, 0.004F, 6}, {x + 0.05F, 0.004F, 1},
                 {x - 0.05F, 0.004F, 1}, line);
    if (x + stall > w) break;
    // A car stands in its stall, nose to the building or away.
    s.supports.push_back({.x0 = x + 0.1F,
                          .z0 = 0.8F,
                          .x1 = x + stall - 0.1F,
                          .z1 = 6.3F,
                          .y = 0,
                          .headroom = 5,
                          .place = 'c',
                          .weight = 1.2,
                          .ground = "car park"});
    if (random.Chance(0.5)) {
      const auto car = [](const Model& m) { return m.noun == "car" || m.noun == "van"; };
      Clutter(stock, s, test, static_cast<int>(s.supports.size()) - 1, 1, 'c', random, car);
    }
  }
  s.supports.push_back({.x0 = 0,
                        .z0 = 7,
                        .x1 = w,
                        .z1 = d,
                        .y = 0,
                        .headroom = 5,
                        .place = 's',
                        .weight = 1,
                        .ground = "car park"});
  s.supports.push_back({.x0 = 0,
                        .z0 = 7,
                        .x1 = w,
                        .z1 = d,
                        .y = 0,
                        .headroom = 5,
                        .place = 'c',
                        .weight = 1,
                        .ground = "car park"});
  s.supports.push_back({.x0 = 0,
                        .z0 = 0.05F,
                        .x1 = w,
                        .z1 = 0.9F,
                        .y = 0,
                        .headroom = 5,
                        .place = 's',
                        .weight = 0.6,
                        .ground = "ground"});
  const int free = static_cast<int>(s.supports.size());
  Clutter(stock, s, test, free - 3, random.Int(0, 3), 's', random);
  Clutter(stock, s, test, free - 1, random.Int(0, 2), 's', random);
  StreetLamps(s, w, random);
  OutdoorCamera(s, w, d, 4, 8, random);
}

void Street(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 9, 16), pavement = Uniform(random, 2, 4),
              d = pavement + Uniform(random, 4, 7);
  Surface road{
      .color = Greyish(random, 0.22, 0.42, 0.02), .pattern = Pattern::kSpeckled, .scale = 1.2F};
  road.color2 = road.color * 0.8F;
  Outside(s, road, w, d, random);
  s.place = "street";
  Surface paving{.color = Greyish(random, 0.4, 0.65, 0.04),
                 .pattern = Pattern::kTiles,
                 .scale = Uniform(random, 0.3, 0.6)};
  paving.color2 = paving.color * 0.6F;
  s.shell.Box({-20, 0, -0.05F}, {w + 20, 0.12F, pavement}, s.shell.Add(paving));
  const int line = s.shell.Add({.color = {0.8F, 0.8F, 0.78F}});
  for (float x = -10; x < w + 10; x += 3) {
    s.shell.Box({x, 0, pavement + 3.4F}, {x + 1.5F, 0.004F, pavement + 3.52F}, line);
  }
  s.supports.push_back({.x0 = -1,
                        .z0 = 0.1F,
                        .x1 = w + 1,
                        .z1 = pavement - 0.1F,
                        .y = 0.12F,
                        .headroom = 5,
                        .place = 's',
                        .weight = 3,
                        .ground = "pavement"});
  s.supports.push_back({.x0 = -1,
                        .z0 = pavement + 0.2F,
                        .x1 = w + 1,
                        .z1 = pavement + 2.6F,
                        .y = 0,
                        .headroom = 5,
                        .place = 'c',
                        .weight = 1.2,
                        .ground = "road"});
  if (random.Chance(0.5)) {
    AddSign(s, {w * Uniform(random, 0.2, 0.7), Uniform(random, 2.3, 2.6), 0.02F}, {1.2F, 0, 0},
            {0, 0.45F, 0}, random);
  }
  Clutter(stock, s, test, 0, random.Int(2, 6), 's', random);
  Clutter(stock, s, test, 1, random.Int(0, 2), 'c', random);
  StreetLamps(s, w, random);
  OutdoorCamera(s, w, d, 3, 6, random);
}

}  // namespace stillwatch::data
