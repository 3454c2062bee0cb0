#include <cmath>
#include <vector>

#include "model/data/palette.h"
#include "model/data/scene/scenery.h"

namespace stillwatch::data {
namespace {

float Uniform(Random& random, double low, double high) {
  return static_cast<float>(random.Range(low, high));
}

Vec Greyish(Random& random, double low, double high, double tint = 0.04) {
  const double v = random.Range(low, high);
  const auto one = [&] {
    return static_cast<float>(std::clamp(v + random.Range(-tint, tint), 0.02, 0.98));
  };
  return {one(), one(), one()};
}

Surface WallSurface(Random& random) {
  Surface s{.color = Greyish(random, 0.5, 0.92, 0.05), .pattern = Pattern::kMottled, .scale = 1.1F};
  if (random.Chance(0.2)) {  // A wall of a colour.
    const auto& c = random.Pick(Palette()).rgb;
    s.color = ToVec(c) * 0.25F + Vec{0.55F, 0.55F, 0.55F};
  }
  s.color2 = s.color * 0.93F;
  if (random.Chance(0.15)) {
    s.pattern = Pattern::kBricks;
    s.scale = 0.12F;
    s.color = random.Chance(0.5) ? Vec{0.6F, 0.35F, 0.26F} : Greyish(random, 0.5, 0.8);
    s.color2 = Greyish(random, 0.5, 0.75);
  }
  return s;
}

Surface FloorSurface(Random& random, bool rough) {
  Surface s{.color = Greyish(random, 0.3, 0.72, 0.025)};
  s.color2 = s.color * 0.75F;
  switch (random.Int(0, rough ? 1 : 5)) {
    case 0:
      s.pattern = Pattern::kMottled;
      s.scale = Uniform(random, 0.4, 1.5);
      s.color2 = s.color * 0.85F;
      break;
    case 1:
      s.pattern = Pattern::kSpeckled;
      s.scale = Uniform(random, 0.4, 1.0);
      s.color2 = s.color * 0.8F;
      break;
    case 2:
      s.pattern = Pattern::kPlanks;
      s.scale = Uniform(random, 0.09, 0.2);
      s.color = Vec{0.62F, 0.46F, 0.31F} * Uniform(random, 0.6, 1.25);
      s.color2 = s.color * 0.5F;
      s.shine = 0.15F;
      break;
    case 3:
      s.pattern = Pattern::kChecker;
      s.scale = Uniform(random, 0.3, 0.5);
      s.color2 = s.color * Uniform(random, 0.5, 0.9);
      break;
    default:
      s.pattern = Pattern::kTiles;
      s.scale = Uniform(random, 0.3, 0.65);
      s.color = Greyish(random, 0.45, 0.85, 0.05);
      s.color2 = s.color * 0.6F;
      s.shine = random.Chance(0.3) ? 0.25F : 0.05F;
  }
  return s;
}

void AddSolid(Scenery& s, const Vec& low, const Vec& high, int surface) {
  s.shell.Box(low, high, surface);
  s.solid.push_back({.low = low, .high = high});
}

// A table: a top on four legs, of which the top is a support.
void AddTable(Scenery& s, float x, float z, float w, float d, float h, const std::string& ground,
              double weight, Random& random) {
  const int top = s.shell.Add({.color = random.Chance(0.5)
                                            ? Vec{0.62F, 0.47F, 0.32F} * Uniform(random, 0.5, 1.3)
                                            : Greyish(random, 0.25, 0.9),
                               .shine = 0.1F});
  const int leg = s.shell.Add({.color = Greyish(random, 0.15, 0.6)});
  AddSolid(s, {x, h - 0.04F, z}, {x + w, h, z + d}, top);
  const float t = 0.05F;
  for (const float lx : {x + 0.02F, x + w - t - 0.02F}) {
    for (const float lz : {z + 0.02F, z + d - t - 0.02F}) {
      AddSolid(s, {lx, 0, lz}, {lx + t, h - 0.04F, lz + t}, leg);
    }
  }
  s.supports.push_back({.x0 = x + 0.03F,
                        .z0 = z + 0.03F,
                        .x1 = x + w - 0.03F,
                        .z1 = z + d - 0.03F,
                        .y = h,
                        .headroom = 1.2F,
                        .place = 't',
                        .weight = weight,
                        .ground = ground});
}

// Shelves: boards between two sides, open in front (+z) or seen from both sides.
void AddShelves(Scenery& s, const Vec& low, const Vec& high, int boards, char place, bool back,
                const std::string& ground, double weight, Random& random) {
  const int wood =
      s.shell.Add({.color = place == 'r' ? (random.Chance(0.5) ? Vec{0.75F, 0.35F, 0.1F}
                                                               : Vec{0.2F, 0.3F, 0.5F})
                                         : Greyish(random, 0.4, 0.9)});
  const int board = s.shell.Add({.color = Greyish(random, 0.4, 0.8), .shine = 0.05F});
  const float t = 0.04F;
  AddSolid(s, low, {low.x + t, high.y, high.z}, wood);
  AddSolid(s, {high.x - t, low.y, low.z}, high, wood);
  if (back) AddSolid(s, low, {high.x, high.y, low.z + 0.02F}, wood);
  const float pitch = (high.y - low.y) / static_cast<float>(boards);
  for (int i = 0; i < boards; ++i) {
    const float y = low.y + 0.08F + pitch * static_cast<float>(i);
    AddSolid(s, {low.x + t, y - 0.03F, low.z}, {high.x - t, y, high.z}, board);
    s.supports.push_back({.x0 = low.x + t + 0.02F,
                          .z0 = low.z + 0.03F,
                          .x1 = high.x - t - 0.02F,
                          .z1 = high.z - 0.02F,
                          .y = y,
                          .headroom = pitch - 0.06F,
                          .place = place,
                          .weight = weight,
                          .ground = ground});
  }
}

void AddSign(Scenery& s, const Vec& low_left, const Vec& right, const Vec& up, Random& random) {
  static const std::vector<std::string> kBoards{"white", "white", "yellow", "blue",
                                                "green", "red",   "black"};
  static const std::vector<std::string> kWords{"open",  "closed", "free", "full", "exit", "stop",
                                               "start", "on",     "off",  "sale", "push", "pull"};
  Sign sign{.low_left = low_left, .right = right, .up = up, .board = random.Pick(kBoards)};
  sign.letters = sign.board == "white" || sign.board == "yellow" ? "black" : "white";
  s.signs.push_back(sign);
  s.state.signs.push_back(random.Chance(0.5) ? std::to_string(random.Int(10, 99))
                                             : random.Pick(kWords));
}

// Four walls and a ceiling, perhaps with a window in the wall z = 0 or x = 0.
void AddRoom(Scenery& s, float w, float d, float h, bool rough, Random& random) {
  s.shell.Quad({0, 0, d}, {w, 0, d}, {w, 0, 0}, {0, 0, 0},
               s.shell.Add(FloorSurface(random, rough)));
  const Surface wall = WallSurface(random);
  const int walls = s.shell.Add(wall);
  const bool window = random.Chance(0.5);
  if (window) {
    const float x0 = w * Uniform(random, 0.15, 0.4), x1 = x0 + w * Uniform(random, 0.25, 0.4);
    const float y0 = Uniform(random, 0.8, 1.1), y1 = std::min(h - 0.25F, y0 + 1.3F);
    s.shell.Quad({0, 0, 0}, {x0, 0, 0}, {x0, h, 0}, {0, h, 0}, walls);
    s.shell.Quad({x1, 0, 0}, {w, 0, 0}, {w, h, 0}, {x1, h, 0}, walls);
    s.shell.Quad({x0, 0, 0}, {x1, 0, 0}, {x1, y0, 0}, {x0, y0, 0}, walls);
    s.shell.Quad({x0, y1, 0}, {x1, y1, 0}, {x1, h, 0}, {x0, h, 0}, walls);
    const int frame = s.shell.Add({.color = {0.85F, 0.85F, 0.85F}});
    const float m = (x0 + x1) / 2;
    s.shell.Box({m - 0.03F, y0, -0.03F}, {m + 0.03F, y1, 0.03F}, frame);
    s.shell.Box({x0, y0 - 0.04F, -0.02F}, {x1, y0, 0.12F}, frame);
  } else {
    s.shell.Quad({0, 0, 0}, {w, 0, 0}, {w, h, 0}, {0, h, 0}, walls);
  }
  Surface side = random.Chance(0.7) ? wall : WallSurface(random);
  const int sides = s.shell.Add(side);
  s.shell.Quad({0, 0, d}, {0, 0, 0}, {0, h, 0}, {0, h, d}, sides);
  s.shell.Quad({w, 0, 0}, {w, 0, d}, {w, h, d}, {w, h, 0}, sides);
  s.shell.Quad({w, 0, d}, {0, 0, d}, {0, h, d}, {w, h, d}, walls);
  s.shell.Quad({0, h, 0}, {w, h, 0}, {w, h, d}, {0, h, d},
               s.shell.Add({.color = Greyish(random, 0.7, 0.9)}));
  const int skirting = s.shell.Add({.color = Greyish(random, 0.2, 0.8)});
  s.shell.Box({0, 0, 0}, {w, 0.09F, 0.015F}, skirting);
  s.shell.Box({0, 0, 0}, {0.015F, 0.09F, d}, skirting);
  s.shell.Box({w - 0.015F, 0, 0}, {w, 0.09F, d}, skirting);
  s.supports.push_back({.x0 = 0.03F,
                        .z0 = 0.03F,
                        .x1 = w - 0.03F,
                        .z1 = d - 0.03F,
                        .y = 0,
                        .headroom = h,
                        .place = 'r',
                        .weight = 3,
                        .ground = "floor",
                        .walls = true});
  if (random.Chance(0.6)) {  // A door in the right wall or the back wall.
    Door door{.leaf = {.color = random.Chance(0.5)
                                    ? Greyish(random, 0.6, 0.9)
                                    : Vec{0.5F, 0.36F, 0.24F} * Uniform(random, 0.6, 1.3)}};
    door.height = std::min(2.05F, h - 0.2F);
    if (random.Chance(0.5)) {
      door.hinge = {w - 0.05F, 0, d * Uniform(random, 0.15, 0.45)};
      door.yaw = -1.5708F;
      // The dark way out behind it.
      const int dark = s.shell.Add({.color = {0.12F, 0.12F, 0.13F}});
      s.shell.Quad({w - 0.005F, 0, door.hinge.z}, {w - 0.005F, 0, door.hinge.z + door.width},
                   {w - 0.005F, door.height, door.hinge.z + door.width},
                   {w - 0.005F, door.height, door.hinge.z}, dark);
      s.solid.push_back(
          {.low = {w - 1.0F, 0, door.hinge.z - 0.05F}, .high = {w, 2, door.hinge.z + 1.0F}});
    } else {
      door.hinge = {w * Uniform(random, 0.7, 0.8), 0, 0.01F};
      door.width = std::min(0.9F, w * 0.19F);
      const int dark = s.shell.Add({.color = {0.12F, 0.12F, 0.13F}});
      s.shell.Quad({door.hinge.x, 0, 0.005F}, {door.hinge.x + door.width, 0, 0.005F},
                   {door.hinge.x + door.width, door.height, 0.005F},
                   {door.hinge.x, door.height, 0.005F}, dark);
      s.solid.push_back(
          {.low = {door.hinge.x - 0.05F, 0, 0}, .high = {door.hinge.x + 1.0F, 2, 1.0F}});
    }
    s.doors.push_back(door);
    s.state.doors.push_back(random.Chance(0.6) ? 0.0F : Uniform(random, -1.5, -0.7));
  }
  const int signs = random.Int(0, 2);
  for (int i = 0; i < signs; ++i) {
    const float sw = Uniform(random, 0.35, 0.8), sh = sw * Uniform(random, 0.4, 0.8);
    const float y = Uniform(random, 1.2, h - sh - 0.2);
    if (i == 0) {
      AddSign(s, {0.012F, y, d * Uniform(random, 0.3, 0.6)}, {0, 0, -sw}, {0, sh, 0}, random);
    } else if (!window) {
      AddSign(s, {w * Uniform(random, 0.1, 0.5), y, 0.012F}, {sw, 0, 0}, {0, sh, 0}, random);
    }
  }
}

void IndoorLight(Scenery& s, float w, float d, float h, Random& random) {
  Lighting& l = s.lighting;
  const int nx = std::clamp(static_cast<int>(w / 2.6F), 1, 3);
  const int nz = std::clamp(static_cast<int>(d / 2.6F), 1, 3);
  const Vec warm{1, Uniform(random, 0.82, 1), Uniform(random, 0.66, 1)};
  for (int i = 0; i < nx; ++i) {
    for (int k = 0; k < nz; ++k) {
      const Vec middle{w * (static_cast<float>(i) + 0.5F) / static_cast<float>(nx), h - 0.05F,
                       d * (static_cast<float>(k) + 0.5F) / static_cast<float>(nz)};
      const bool tube = random.Chance(0.5);
      l.lamps.push_back({.middle = middle,
                         .half_u = {tube ? 0.6F : 0.3F, 0, 0},
                         .half_v = {0, 0, tube ? 0.08F : 0.3F},
                         .power = warm * (h * h * 0.25F)});
      s.shell.Box(middle - Vec{tube ? 0.6F : 0.3F, 0, tube ? 0.08F : 0.3F},
                  middle + Vec{tube ? 0.6F : 0.3F, 0.04F, tube ? 0.08F : 0.3F},
                  s.shell.Add({.color = {1, 1, 1}, .glow = 4}));
    }
  }
  l.sky = Vec{0.24F, 0.24F, 0.24F} * warm * Uniform(random, 0.6, 1.6);
  l.around = l.sky * 0.75F;
  l.reach = Uniform(random, 0.8, 1.8);
  l.backdrop = {0.9F, 1.0F, 1.15F};
  if (random.Chance(0.5)) {  // Sun through the window, if there is one.
    l.to_sun = Unit({Uniform(random, -0.8, 0.8), Uniform(random, 0.35, 1.1), -1});
    l.sun = Vec{1.2F, 1.05F, 0.85F} * Uniform(random, 0.4, 1.3);
  }
}

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

// Puts about `count` things of a place where there is room.
void Clutter(const ModelStock& stock, Scenery& s, bool test, int support, int count, char place,
             Random& random, const std::function<bool(const Model&)>& fits = {}) {
  for (int i = 0; i < count; ++i) {
    const Model* model = stock.Draw(test, place, random, fits);
    if (!model) return;
    if (auto stand = Put(s, s.state, *model, support, random)) {
      PaintStand(*stand, random);
      s.state.stands.push_back(*stand);
    }
  }
}

// Tables that were placed can be stood upon.
void TablesAreSupports(Scenery& s) {
  const std::size_t count = s.state.stands.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Stand& stand = s.state.stands[i];
    if (!stand.model->flat_top || stand.lying) continue;
    const Bounds b = BoundsOf(s, stand);
    const bool straight = std::abs(std::remainder(stand.yaw, 1.5708F)) < 0.15F;
    if (!straight) continue;
    const float gap = 0.06F;
    s.supports.push_back({.x0 = b.low.x + gap,
                          .z0 = b.low.z + gap,
                          .x1 = b.high.x - gap,
                          .z1 = b.high.z - gap,
                          .y = b.high.y,
                          .headroom = 1,
                          .place = 't',
                          .weight = 1.2,
                          .ground = stand.model->noun});
  }
}

Camera HighCamera(const Vec& from, const Vec& target, double tan_x, Random& random) {
  Camera camera = Camera::LookAt(from, target, random.Normal() * 0.02);
  camera.tan_x = tan_x;
  camera.aspect = random.Chance(0.65) ? 16.0 / 9 : 4.0 / 3;
  camera.barrel = random.Chance(0.7) ? random.Range(0, 0.16) : 0;
  return camera;
}

void RoomCamera(Scenery& s, float w, float d, float h, Random& random) {
  const float x =
      random.Chance(0.6) ? (random.Chance(0.5) ? 0.25F : w - 0.25F) : w * Uniform(random, 0.2, 0.8);
  const Vec from{x, std::min(h - 0.15F, Uniform(random, 2.0, 4.5)), d - 0.2F};
  const Vec target{w * Uniform(random, 0.35, 0.65), Uniform(random, 0.0, 0.9),
                   d * Uniform(random, 0.25, 0.5)};
  s.camera = HighCamera(from, target, random.Range(0.6, 1.05), random);
}

void Room(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 3.2, 6.5), d = Uniform(random, 3.5, 6.5),
              h = Uniform(random, 2.4, 3);
  AddRoom(s, w, d, h, false, random);
  IndoorLight(s, w, d, h, random);
  s.place = "room";
  if (random.Chance(0.6)) {
    AddTable(s, w * Uniform(random, 0.2, 0.5), d * Uniform(random, 0.15, 0.4),
             Uniform(random, 0.8, 1.6), Uniform(random, 0.6, 0.9), Uniform(random, 0.45, 0.76),
             "table", 2, random);
  }
  Clutter(stock, s, test, 0, random.Int(3, 7), 'r', random);
  TablesAreSupports(s);
  RoomCamera(s, w, d, h, random);
}

void Office(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 4, 9), d = Uniform(random, 4, 8), h = Uniform(random, 2.5, 3.1);
  AddRoom(s, w, d, h, false, random);
  IndoorLight(s, w, d, h, random);
  s.place = "office";
  const int columns = std::max(1, static_cast<int>((w - 1) / 2.1F));
  const int rows = d > 5 ? 2 : 1;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      if (random.Chance(0.2)) continue;
      AddTable(s, 0.5F + 2.1F * static_cast<float>(c), 0.15F + 2.3F * static_cast<float>(r),
               Uniform(random, 1.2, 1.6), Uniform(random, 0.65, 0.8), 0.74F, "desk", 1.5, random);
    }
  }
  Clutter(stock, s, test, 0, random.Int(2, 5), 'r', random,
          [](const Model& m) { return m.noun == "chair"; });
  Clutter(stock, s, test, 0, random.Int(1, 4), 'r', random);
  for (int i = 1; i < static_cast<int>(s.supports.size()); ++i) {
    Clutter(stock, s, test, i, random.Int(1, 3), 't', random);
  }
  RoomCamera(s, w, d, h, random);
}

void Shop(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 4.5, 8), d = Uniform(random, 4.5, 7),
              h = Uniform(random, 2.6, 3.4);
  AddRoom(s, w, d, h, false, random);
  IndoorLight(s, w, d, h, random);
  s.place = "shop";
  for (float x = 0.1F; x + 1.3F < w * 0.72F; x += 1.5F) {
    AddShelves(s, {x, 0, 0.03F}, {x + 1.4F, Uniform(random, 1.5, 2), 0.45F}, random.Int(3, 5), 't',
               true, "shelf", 0.6, random);
  }
  AddTable(s, w * Uniform(random, 0.3, 0.6), d * Uniform(random, 0.3, 0.5), Uniform(random, 1, 1.8),
           0.7F, Uniform(random, 0.8, 0.95), "counter", 2.5, random);
  for (int i = 1; i < static_cast<int>(s.supports.size()); ++i) {
    // A row of one thing, as shops have it.
    const Model* same = stock.Draw(test, 't', random);
    for (int k = 0; same && k < random.Int(2, 5); ++k) {
      if (auto stand = Put(s, s.state, *same, i, random)) {
        stand->yaw = 0;
        if (Fits(s, s.state, *stand)) s.state.stands.push_back(*stand);
      }
    }
    Clutter(stock, s, test, i, 2, 't', random);
  }
  Clutter(stock, s, test, 0, random.Int(1, 4), 'r', random);
  RoomCamera(s, w, d, h, random);
}

bool Goods(const Model& m) {
  return m.noun == "cardboard box" || m.noun == "open cardboard box" || m.noun == "crate" ||
         m.noun == "box" || m.noun == "pallet" || m.noun == "barrel" || m.noun == "basket";
}

void Warehouse(const ModelStock& stock, Scenery& s, bool test, Random& random) {
  const float w = Uniform(random, 6, 11), d = Uniform(random, 6, 11), h = Uniform(random, 4, 6);
  AddRoom(s, w, d, h, true, random);
  IndoorLight(s, w, d, h, random);
  s.place = "warehouse";
  for (float x = 0.1F; x + 2.2F < w * 0.8F; x += 2.5F) {
    AddShelves(s, {x, 0, 0.1F}, {x + 2.4F, Uniform(random, 2.2, 3.4), 1.1F}, random.Int(2, 3), 'r',
               false, "shelf", 0.7, random);
  }
  for (int i = 1; i < static_cast<int>(s.supports.size()); ++i) {
    Clutter(stock, s, test, i, random.Int(1, 4), 'r', random, Goods);
  }
  Clutter(stock, s, test, 0, random.Int(3, 7), 'r', random, [](const Model& m) {
    return Goods(m) || m.noun == "ladder" || m.noun == "traffic cone" || m.noun == "bin" ||
           m.noun == "fire extinguisher";
  });
  if (random.Chance(0.4)) {
    Clutter(stock, s, test, 0, 1, 's', random, [](const Model& m) { return m.noun == "forklift"; });
  }
  RoomCamera(s, w, d, h, random);
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

}  // namespace

std::optional<Scenery> DrawScenery(const ModelStock& stock, Family family, bool test,
                                   Random& random) {
  Scenery s{.family = family};
  switch (family) {
    case Family::kRoom:
      Room(stock, s, test, random);
      break;
    case Family::kOffice:
      Office(stock, s, test, random);
      break;
    case Family::kShop:
      Shop(stock, s, test, random);
      break;
    case Family::kWarehouse:
      Warehouse(stock, s, test, random);
      break;
    case Family::kLoadingBay:
      LoadingBay(stock, s, test, random);
      break;
    case Family::kCarPark:
      CarPark(stock, s, test, random);
      break;
    case Family::kStreet:
      Street(stock, s, test, random);
      break;
    case Family::kSolids:
      return DrawSolids(stock, test, random);
  }
  return s;
}

}  // namespace stillwatch::data
