// Model: the shape of one thing of the sample scene, made of triangles and tapered capsules.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "samples/maker/material.h"
#include "samples/maker/vec.h"

namespace stillwatch::sample {

struct Capsule {
  Vec3 a{};
  float radius_a = 0;
  Vec3 b{};
  float radius_b = 0;
  Material material{};
};

// In the thing's own coordinates: it stands on z = 0 around the origin and faces -y.
// Not thread-safe while it is being put together; read-only afterwards.
struct Model {
  std::vector<Vec3> positions{};
  std::vector<Vec3> normals{};  // One per position.
  std::vector<std::array<std::uint32_t, 3>> triangles{};
  std::vector<Material> materials{};  // One per triangle.
  std::vector<Capsule> capsules{};

  void AddQuad(Vec3 corner, Vec3 edge_u, Vec3 edge_v, Material material);
  void AddBox(Vec3 low, Vec3 high, Material material);
  // A box with rounded edges, or (roundness 1) an ellipsoid: a superellipsoid.
  void AddRounded(Vec3 center, Vec3 half, float roundness, Material material);
  // A turned shape on the vertical through `base`: (radius, height) pairs from bottom to top.
  void AddLathe(Vec3 base, std::span<const std::array<float, 2>> profile, Material material);
  // A skin over rings: elliptic cross-sections from bottom to top.  The last ring's material is not
  // used; a ring's is that of the band above it.
  struct Ring {
    Vec3 center{};
    Vec3 half_u{};  // From the centre to the rim, two directions.
    Vec3 half_v{};
    Material material{};
  };
  void AddLoft(std::span<const Ring> rings);
  void AddTube(std::span<const Vec3> points, float radius, Material material);
  // Another model, turned and moved.
  void Add(const Model& other, float yaw, Vec3 offset);
};

}  // namespace stillwatch::sample
