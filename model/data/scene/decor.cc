#include "model/data/scene/decor.h"

#include <cmath>
#include <vector>

#include "model/data/palette.h"

namespace stillwatch::data {

float Uniform(Random& random, double low, double high) {
  return static_cast<float>(random.Range(low, high));
}

Vec Greyish(Random& random, double low, double high, double tint) {
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

void Clutter(const ModelStock& stock, Scenery& s, bool test, int support, int count, char place,
             Random& random, const std::function<bool(const Model&)>& fits) {
  for (int i = 0; i < count; ++i) {
    const Model* model = stock.Draw(test, place, random, fits);
    if (!model) return;
    if (auto stand = Put(s, s.state, *model, support, random)) {
      PaintStand(*stand, random);
      s.state.stands.push_back(*stand);
    }
  }
}

Camera HighCamera(const Vec& from, const Vec& target, double tan_x, Random& random) {
  Camera camera = Camera::LookAt(from, target, random.Normal() * 0.02);
  camera.tan_x = tan_x;
  camera.aspect = random.Chance(0.65) ? 16.0 / 9 : 4.0 / 3;
  camera.barrel = random.Chance(0.7) ? random.Range(0, 0.16) : 0;
  return camera;
}

bool Goods(const Model& m) {
  return m.noun == "cardboard box" || m.noun == "crate" || m.noun == "box" || m.noun == "pallet" ||
         m.noun == "barrel" || m.noun == "basket";
}

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
