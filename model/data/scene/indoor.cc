#include <cmath>
#include <vector>

#include "model/data/scene/decor.h"

namespace stillwatch::data {
namespace {

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
  const int signs = random.Int(0, 3);
  for (int i = 0; i < signs; ++i) {
    const float sw = Uniform(random, 0.35, 0.8), sh = sw * Uniform(random, 0.4, 0.8);
    const float y = Uniform(random, 1.2, h - sh - 0.2);
    if (i == 0) {
      AddSign(s, {0.012F, y, d * Uniform(random, 0.3, 0.6)}, {0, 0, -sw}, {0, sh, 0}, random);
    } else if (i == 2) {
      AddSign(s, {w - 0.012F, y, d * Uniform(random, 0.55, 0.7)}, {0, 0, sw}, {0, sh, 0}, random);
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

void RoomCamera(Scenery& s, float w, float d, float h, Random& random) {
  const float x =
      random.Chance(0.6) ? (random.Chance(0.5) ? 0.25F : w - 0.25F) : w * Uniform(random, 0.2, 0.8);
  const Vec from{x, std::min(h - 0.15F, Uniform(random, 2.0, 4.5)), d - 0.2F};
  const Vec target{w * Uniform(random, 0.35, 0.65), Uniform(random, 0.0, 0.9),
                   d * Uniform(random, 0.25, 0.5)};
  s.camera = HighCamera(from, target, random.Range(0.6, 1.05), random);
}

}  // namespace

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

}  // namespace stillwatch::data
