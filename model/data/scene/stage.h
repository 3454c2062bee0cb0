// Stage: what stands before the camera in one picture, ready to be traced.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/data/image.h"
#include "model/data/scene/model.h"
#include "model/data/scene/vec.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// What a wall or a floor looks like.
enum class Pattern : std::uint8_t {
  kPlain,
  kTiles,     // Squares with joints.
  kPlanks,    // Boards along z.
  kBricks,    // On walls.
  kSpeckled,  // Carpet, asphalt, concrete.
  kMottled,   // Worn concrete, plaster: large soft spots.
  kChecker,
  kStripes,
  kCorrugated,  // Steel sheet.
  kTexture,     // An image, by uv.
};

struct Surface {
  Vec color{0.6F, 0.6F, 0.6F};   // sRGB.
  Vec color2{0.5F, 0.5F, 0.5F};  // Of joints, spots, every second tile.
  Pattern pattern = Pattern::kPlain;
  float scale = 0.5F;  // Metres of one tile, board or spot.
  float shine = 0;     // As Material::shine.
  float glow = 0;      // Gives light itself (lamps, screens): times its colour.
  int texture = -1;
  friend bool operator==(const Surface&, const Surface&) = default;
};

// Walls, floors, shelves: what is built for one scene alone.
struct Shell {
  std::vector<Vec> points{};
  std::vector<std::array<float, 2>> uv{};
  std::vector<std::array<std::uint32_t, 3>> triangles{};
  std::vector<int> surface_of{};
  std::vector<int> object_of{};  // The object a triangle belongs to, 0: the building.
  std::vector<Surface> surfaces{};
  std::vector<Image> textures{};  // RGB.

  int Add(const Surface& surface);
  // a, b, c, d around it; uv from (0, 0) at a to (1, 1) at c.
  void Quad(const Vec& a, const Vec& b, const Vec& c, const Vec& d, int surface, int object = 0);
  void Box(const Vec& low, const Vec& high, int surface, int object = 0);
};

// A model that stands somewhere.
struct Actor {
  const Model* model = nullptr;
  Affine pose{};
  std::optional<Vec> tint{};  // sRGB: the main material's colour.
  std::optional<float> shine{};
  int object = 0;  // Number in the picture's object map, from 1.
};

// An actor on its feet at (x, y, z), turned by `yaw` radians.
Affine Standing(const Vec& at, float yaw, float scale = 1);
// Fallen over to its side.
Affine Lying(const Model& model, const Vec& at, float yaw, float scale = 1);

struct Bounds {
  Vec low{1e30F, 1e30F, 1e30F}, high{-1e30F, -1e30F, -1e30F};
};
Bounds BoundsOf(const Model& model, const Affine& pose);

// What one ray found.
struct Hit {
  float distance = -1;  // Below 0: nothing.
  int object = 0;
  Vec at{}, normal{};  // The normal looks back along the ray.
  Vec albedo{};        // Linear.
  float shine = 0, opacity = 1, glow = 0;
};

struct Ray {
  Vec from{}, to{};  // `to`: a direction of length 1.
  float far = 1e30F;
};

// Not thread-safe; any number may work side by side on one stock.
class Stage {
 public:
  // kInternal: Embree failed.
  [[nodiscard]] static Result<Stage> Build(const ModelStock& stock, const Shell& shell,
                                           const std::vector<Actor>& actors);
  Stage(Stage&&) noexcept;
  ~Stage();

  // hits[i] of rays[i]; rays next to each other should be alike.
  void Trace(std::span<const Ray> rays, std::span<Hit> hits) const;
  // open[i]: nothing opaque stands before rays[i].far.
  void Test(std::span<const Ray> rays, std::span<std::uint8_t> open) const;

 private:
  struct Impl;
  explicit Stage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::data
