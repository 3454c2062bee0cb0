#include "samples/maker/model.h"

#include <cmath>
#include <numbers>

namespace stillwatch::sample {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

// |x|^e with the sign of x.
float SignedPower(float x, float e) { return std::copysign(std::pow(std::abs(x), e), x); }

// Stitches a grid of rows x columns vertices, beginning at `first`, into triangles.
void Stitch(Model& model, std::uint32_t first, std::uint32_t rows, std::uint32_t columns,
            Material material) {
  for (std::uint32_t r = 0; r + 1 < rows; ++r) {
    for (std::uint32_t c = 0; c + 1 < columns; ++c) {
      const std::uint32_t i = first + r * columns + c;
      model.triangles.push_back({i, i + 1, i + columns});
      model.triangles.push_back({i + 1, i + columns + 1, i + columns});
      model.materials.insert(model.materials.end(), 2, material);
    }
  }
}

}  // namespace

void Model::AddQuad(Vec3 corner, Vec3 edge_u, Vec3 edge_v, Material material) {
  const auto first = static_cast<std::uint32_t>(positions.size());
  positions.insert(positions.end(),
                   {corner, corner + edge_u, corner + edge_v, corner + edge_u + edge_v});
  normals.insert(normals.end(), 4, Normalized(Cross(edge_u, edge_v)));
  Stitch(*this, first, 2, 2, material);
}

void Model::AddBox(Vec3 low, Vec3 high, Material material) {
  const Vec3 x{high.x - low.x, 0, 0};
  const Vec3 y{0, high.y - low.y, 0};
  const Vec3 z{0, 0, high.z - low.z};
  AddQuad(low, x, z, material);
  AddQuad(low + y, z, x, material);
  AddQuad(low, z, y, material);
  AddQuad(low + x, y, z, material);
  AddQuad(low, y, x, material);
  AddQuad(low + z, x, y, material);
}

void Model::AddRounded(Vec3 center, Vec3 half, float roundness, Material material) {
  constexpr std::uint32_t kRows = 49;
  constexpr std::uint32_t kColumns = 97;
  const auto first = static_cast<std::uint32_t>(positions.size());
  for (std::uint32_t r = 0; r < kRows; ++r) {
    const float v = kPi * (static_cast<float>(r) / (kRows - 1) - 0.5F);
    for (std::uint32_t c = 0; c < kColumns; ++c) {
      const float u = 2 * kPi * static_cast<float>(c) / (kColumns - 1);
      const auto at = [&](float e) {
        const float ring = SignedPower(std::cos(v), e);
        return Vec3{ring * SignedPower(std::cos(u), e), ring * SignedPower(std::sin(u), e),
                    SignedPower(std::sin(v), e)};
      };
      positions.push_back(center + at(roundness) * half);
      const Vec3 n = at(2 - roundness);
      normals.push_back(Normalized({n.x / half.x, n.y / half.y, n.z / half.z}));
    }
  }
  Stitch(*this, first, kRows, kColumns, material);
}

void Model::AddLathe(Vec3 base, std::span<const std::array<float, 2>> profile, Material material) {
  constexpr std::uint32_t kColumns = 33;
  for (std::size_t i = 0; i + 1 < profile.size(); ++i) {  // Each band with normals of its own.
    const auto first = static_cast<std::uint32_t>(positions.size());
    const auto [r0, z0] = profile[i];
    const auto [r1, z1] = profile[i + 1];
    for (const auto& [radius, height] : {profile[i], profile[i + 1]}) {
      for (std::uint32_t c = 0; c < kColumns; ++c) {
        const float u = 2 * kPi * static_cast<float>(c) / (kColumns - 1);
        const Vec3 out{std::cos(u), std::sin(u), 0};
        positions.push_back(base + out * radius + Vec3{0, 0, height});
        normals.push_back(Normalized(out * (z1 - z0) + Vec3{0, 0, r0 - r1}));
      }
    }
    Stitch(*this, first, 2, kColumns, material);
  }
}

void Model::AddLoft(std::span<const Ring> rings) {
  constexpr std::uint32_t kColumns = 33;
  const auto point = [&](std::size_t ring, std::uint32_t c) {
    const float u = 2 * kPi * static_cast<float>(c % (kColumns - 1)) / (kColumns - 1);
    const Ring& r = rings[ring];
    return r.center + r.half_u * std::cos(u) + r.half_v * std::sin(u);
  };
  const auto normal = [&](std::size_t ring, std::uint32_t c) {  // By differences over neighbours.
    const std::size_t above = std::min(ring + 1, rings.size() - 1);
    const std::size_t below = ring == 0 ? 0 : ring - 1;
    const Vec3 around = point(ring, c + 1) - point(ring, c + kColumns - 2);
    return Normalized(Cross(around, point(above, c) - point(below, c)));
  };
  for (std::size_t i = 0; i + 1 < rings.size(); ++i) {
    const auto first = static_cast<std::uint32_t>(positions.size());
    for (const std::size_t ring : {i, i + 1}) {
      for (std::uint32_t c = 0; c < kColumns; ++c) {
        positions.push_back(point(ring, c));
        normals.push_back(normal(ring, c));
      }
    }
    Stitch(*this, first, 2, kColumns, rings[i].material);
  }
}

void Model::AddTube(std::span<const Vec3> points, float radius, Material material) {
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    capsules.push_back({points[i], radius, points[i + 1], radius, material});
  }
}

void Model::Add(const Model& other, float yaw, Vec3 offset) {
  const auto first = static_cast<std::uint32_t>(positions.size());
  for (std::size_t i = 0; i < other.positions.size(); ++i) {
    positions.push_back(Turned(other.positions[i], yaw) + offset);
    normals.push_back(Turned(other.normals[i], yaw));
  }
  for (const auto& t : other.triangles) {
    triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
  }
  materials.insert(materials.end(), other.materials.begin(), other.materials.end());
  for (Capsule c : other.capsules) {
    c.a = Turned(c.a, yaw) + offset;
    c.b = Turned(c.b, yaw) + offset;
    capsules.push_back(c);
  }
}

}  // namespace stillwatch::sample
