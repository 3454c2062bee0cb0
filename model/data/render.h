// MeshRenderer: sprites of a mesh, as a surveillance camera would see it.

#pragma once

#include <cstdint>
#include <memory>

#include "model/data/mesh.h"
#include "model/data/sprite.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

struct SpriteView {
  double azimuth_deg = 0;     // The mesh is turned by this around the vertical.
  double elevation_deg = 25;  // How far above the horizon the camera looks down from.
  int size_px = 200;          // Longer side of the thing; its shadow comes on top.
  double sun = 0.8;           // Strength of the lamp from the upper left, 0 = overcast.
  std::uint64_t seed = 1;     // Of the samples.
};

// Ray traces one mesh with Embree: 2 x 2 rays a pixel, each with one towards the lamp and two into
// the sky; parallel projection.  Transparent materials let light through, more at their middle
// than at their rim.
//
// Not thread-safe.  Two renderers may work at the same time.
class MeshRenderer {
 public:
  // kInvalidArgument: no triangles, or an index out of range.  kInternal: Embree failed.
  [[nodiscard]] static Result<MeshRenderer> Create(Mesh mesh);

  MeshRenderer(MeshRenderer&&) noexcept;
  ~MeshRenderer();

  // kInvalidArgument: size outside 8..1024 px or elevation outside 0..90 degrees.
  [[nodiscard]] Result<Sprite> Render(const SpriteView& view) const;

 private:
  struct Impl;
  explicit MeshRenderer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::data
