#include "model/data/scene/scenery.h"

#include <array>
#include <cmath>
#include <set>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/palette.h"

namespace stillwatch::data {
namespace {

bool Overlap(const Bounds& a, const Bounds& b, float gap) {
  return a.low.x < b.high.x + gap && b.low.x < a.high.x + gap && a.low.z < b.high.z + gap &&
         b.low.z < a.high.z + gap && a.low.y < b.high.y - 0.004F && b.low.y < a.high.y - 0.004F;
}

Image BoardTexture(const Sign& sign, const std::string& text) {
  const double aspect =
      static_cast<double>(Length(sign.right)) / static_cast<double>(Length(sign.up));
  const int height = 72;
  const int width = std::clamp(static_cast<int>(height * aspect), 32, 320);
  Image image = MakeImage(width, height, 3);
  cv::Mat picture = View(image);
  const auto paint = [](const std::string& name) {
    const auto& c = PaletteColor(name);
    return cv::Scalar(255.0 * static_cast<double>(c[0]), 255.0 * static_cast<double>(c[1]),
                      255.0 * static_cast<double>(c[2]));
  };
  picture = paint(sign.board);
  cv::rectangle(picture, cv::Rect(3, 3, width - 6, height - 6), paint(sign.letters), 2);
  int below = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_DUPLEX, 1, 3, &below);
  const double scale = std::min(0.82 * width / size.width, 0.55 * height / size.height);
  cv::putText(picture, text,
              cv::Point(static_cast<int>((width - size.width * scale) / 2),
                        static_cast<int>((height + size.height * scale) / 2)),
              cv::FONT_HERSHEY_DUPLEX, scale, paint(sign.letters), 3, cv::LINE_AA);
  return image;
}

void AddDoor(const Door& door, float angle, int object, Shell& shell) {
  const int leaf = shell.Add(door.leaf);
  const int handle = shell.Add({.color = {0.6F, 0.6F, 0.6F}, .shine = 0.4F});
  const float yaw = door.yaw + angle;
  const Vec along{std::cos(yaw), 0, -std::sin(yaw)};
  const Vec out{std::sin(yaw), 0, std::cos(yaw)};
  const auto slab = [&](float a0, float a1, float y0, float y1, float o0, float o1, int surface) {
    const auto p = [&](float a, float y, float o) {
      return door.hinge + along * a + Vec{0, y, 0} + out * o;
    };
    shell.Quad(p(a0, y0, o1), p(a1, y0, o1), p(a1, y1, o1), p(a0, y1, o1), surface, object);
    shell.Quad(p(a1, y0, o0), p(a0, y0, o0), p(a0, y1, o0), p(a1, y1, o0), surface, object);
    shell.Quad(p(a0, y0, o0), p(a0, y0, o1), p(a0, y1, o1), p(a0, y1, o0), surface, object);
    shell.Quad(p(a1, y0, o1), p(a1, y0, o0), p(a1, y1, o0), p(a1, y1, o1), surface, object);
    shell.Quad(p(a0, y1, o1), p(a1, y1, o1), p(a1, y1, o0), p(a0, y1, o0), surface, object);
  };
  slab(0, door.width, 0.01F, door.height, 0, 0.04F, leaf);
  slab(door.width - 0.12F, door.width - 0.04F, 1.0F, 1.04F, 0.04F, 0.09F, handle);
}

}  // namespace

std::string_view Name(Family family) {
  constexpr std::array<std::string_view, kFamilyCount> kNames{
      "room", "office", "shop", "warehouse", "loading bay", "car park", "street", "solids"};
  return kNames[static_cast<std::size_t>(family)];
}

Affine PoseOf(const Scenery& scenery, const Stand& stand) {
  const Vec at{stand.x, scenery.supports[static_cast<std::size_t>(stand.support)].y, stand.z};
  return stand.lying ? Lying(*stand.model, at, stand.yaw, stand.scale)
                     : Standing(at, stand.yaw, stand.scale);
}

Bounds BoundsOf(const Scenery& scenery, const Stand& stand) {
  return BoundsOf(*stand.model, PoseOf(scenery, stand));
}

bool Fits(const Scenery& scenery, const State& state, const Stand& stand, int except) {
  const Support& support = scenery.supports[static_cast<std::size_t>(stand.support)];
  const Bounds bounds = BoundsOf(scenery, stand);
  if (bounds.low.x < support.x0 || bounds.high.x > support.x1 || bounds.low.z < support.z0 ||
      bounds.high.z > support.z1 || bounds.high.y - bounds.low.y > support.headroom) {
    return false;
  }
  for (const Bounds& solid : scenery.solid) {
    if (Overlap(bounds, solid, 0)) return false;
  }
  const bool fine = support.place == 't';
  for (std::size_t i = 0; i < state.stands.size(); ++i) {
    const Stand& other = state.stands[i];
    if (static_cast<int>(i) == except || !other.there) continue;
    if (Overlap(bounds, BoundsOf(scenery, other), fine ? 0.01F : 0.03F)) return false;
  }
  return true;
}

std::optional<Stand> Put(const Scenery& scenery, const State& state, const Model& model,
                         int support, Random& random) {
  const Support& on = scenery.supports[static_cast<std::size_t>(support)];
  Stand stand{.model = &model, .support = support};
  for (int attempt = 0; attempt < 12; ++attempt) {
    // Furniture is put straight, smaller things less so.
    const double straight = on.place == 't' ? 0.35 : on.place == 'c' ? 0.04 : 0.12;
    stand.yaw = static_cast<float>(random.Int(0, 3) * 1.5708 + random.Normal() * straight);
    if (on.place == 't') stand.yaw = static_cast<float>(random.Normal() * 0.7);
    stand.x = static_cast<float>(random.Range(on.x0, on.x1));
    stand.z = static_cast<float>(random.Range(on.z0, on.z1));
    const bool large = model.high.y - model.low.y > 0.7F || model.flat_top;
    if (on.walls && large && random.Chance(0.7)) {
      // Its back to a wall: fronts look along +z.
      const int wall = random.Int(0, 2);
      const float depth = (model.high.z - model.low.z) / 2 + 0.03F;
      if (wall == 0) stand.yaw = 0, stand.z = on.z0 + depth;
      if (wall == 1) stand.yaw = 1.5708F, stand.x = on.x0 + depth;
      if (wall == 2) stand.yaw = -1.5708F, stand.x = on.x1 - depth;
    }
    if (Fits(scenery, state, stand)) return stand;
  }
  return std::nullopt;
}

bool Paintable(const Model& model) {
  static const std::set<std::string> kNouns{"chair",        "armchair", "sofa",
                                            "stool",        "bag",      "backpack",
                                            "suitcase",     "handbag",  "bin",
                                            "box",          "cup",      "bottle",
                                            "ball",         "bicycle",  "cabinet",
                                            "crate",        "bucket",   "basket",
                                            "umbrella",     "helmet",   "vase",
                                            "lamp",         "bowl",     "plate",
                                            "gift box",     "locker",   "barrel",
                                            "jar",          "jug",      "teapot",
                                            "book",         "cap",      "filing cabinet",
                                            "deck chair",   "bench",    "stroller",
                                            "water bottle", "mailbox",  "basin"};
  return model.paint || kNouns.contains(model.noun);
}

void PaintStand(Stand& stand, Random& random) {
  if (!Paintable(*stand.model)) return;
  if (!stand.model->paint && !random.Chance(0.35)) return;
  static const std::vector<std::string> kCar{"white", "white", "grey", "grey",   "black",
                                             "red",   "blue",  "blue", "yellow", "green"};
  const std::string name = stand.model->paint ? random.Pick(kCar) : random.Pick(Palette()).name;
  stand.color = name;
  Vec c = ToVec(PaletteColor(name));
  const auto shift = [&](float v) {
    return std::clamp(v + static_cast<float>(random.Range(-0.05, 0.05)), 0.02F, 0.98F);
  };
  stand.tint = Vec{shift(c.x), shift(c.y), shift(c.z)};
}

Result<Stage> Build(const ModelStock& stock, const Scenery& scenery, const State& state,
                    const std::vector<Actor>& passers) {
  std::vector<Actor> actors = passers;
  for (std::size_t i = 0; i < state.stands.size(); ++i) {
    const Stand& stand = state.stands[i];
    if (!stand.there) continue;
    actors.push_back({.model = stand.model,
                      .pose = PoseOf(scenery, stand),
                      .tint = stand.tint,
                      .shine = stand.shine,
                      .object = static_cast<int>(i) + 1});
  }
  Shell shell = scenery.shell;
  for (std::size_t i = 0; i < scenery.doors.size(); ++i) {
    AddDoor(scenery.doors[i], state.doors[i], kFirstDoor + static_cast<int>(i), shell);
  }
  for (std::size_t i = 0; i < scenery.signs.size(); ++i) {
    const Sign& sign = scenery.signs[i];
    shell.textures.push_back(BoardTexture(sign, state.signs[i]));
    const int surface = shell.Add(
        {.pattern = Pattern::kTexture, .texture = static_cast<int>(shell.textures.size()) - 1});
    const Vec& a = sign.low_left;
    shell.Quad(a, a + sign.right, a + sign.right + sign.up, a + sign.up, surface,
               kFirstSign + static_cast<int>(i));
  }
  return Stage::Build(stock, shell, actors);
}

std::optional<Region> Appears(const Camera& camera, const Model& model, const Affine& pose) {
  double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
  const auto& points = model.mesh.points;
  const std::size_t step = std::max<std::size_t>(1, points.size() / 1500);
  for (std::size_t i = 0; i < points.size(); i += step) {
    const auto seen = camera.See(pose.Point(ToVec(points[i])));
    if (!seen) return std::nullopt;
    x0 = std::min(x0, (*seen)[0]);
    y0 = std::min(y0, (*seen)[1]);
    x1 = std::max(x1, (*seen)[0]);
    y1 = std::max(y1, (*seen)[1]);
  }
  return Region{.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0};
}

}  // namespace stillwatch::data
