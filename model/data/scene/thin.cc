#include <cmath>
#include <cstdint>
#include <unordered_map>

#include "model/data/scene/model.h"

namespace stillwatch::data {
namespace {

Mesh Clustered(const Mesh& mesh, float cell) {
  Mesh thin;
  thin.materials = mesh.materials;
  thin.textures = mesh.textures;
  std::vector<std::uint32_t> to(mesh.points.size());
  std::unordered_map<std::uint64_t, std::uint32_t> known;
  for (std::size_t i = 0; i < mesh.points.size(); ++i) {
    // Faces that look in different directions keep their own points: edges stay sharp.
    std::uint64_t key = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto at = static_cast<std::int64_t>(std::floor(mesh.points[i][k] / cell)) + (1 << 17);
      key = (key << 18) | static_cast<std::uint64_t>(at & 0x3FFFF);
    }
    const auto& n = mesh.normals[i];
    const float ax = std::abs(n[0]), ay = std::abs(n[1]), az = std::abs(n[2]);
    const std::size_t axis = ax > ay && ax > az ? 0 : ay > az ? 1 : 2;
    key = key * 7 + axis * 2 + (n[axis] > 0 ? 1 : 0);
    const auto [found, is_new] = known.emplace(key, static_cast<std::uint32_t>(thin.points.size()));
    if (is_new) {
      thin.points.push_back(mesh.points[i]);
      thin.normals.push_back(mesh.normals[i]);
      thin.uv.push_back(mesh.uv[i]);
    }
    to[i] = found->second;
  }
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    const auto& t = mesh.triangles[i];
    const std::array<std::uint32_t, 3> now{to[t[0]], to[t[1]], to[t[2]]};
    const auto same = [&](std::uint32_t a, std::uint32_t b) {
      return thin.points[a] == thin.points[b];
    };
    if (same(now[0], now[1]) || same(now[1], now[2]) || same(now[0], now[2])) continue;
    thin.triangles.push_back(now);
    thin.material_of.push_back(mesh.material_of[i]);
  }
  return thin;
}

}  // namespace

void Thin(Mesh& mesh, std::size_t most) {
  if (mesh.triangles.size() <= most) return;
  float extent = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    float low = 1e30F, high = -1e30F;
    for (const auto& p : mesh.points) {
      low = std::min(low, p[k]);
      high = std::max(high, p[k]);
    }
    extent = std::max(extent, high - low);
  }
  Mesh best;
  for (float cells = 300; cells > 12; cells *= 0.8F) {
    best = Clustered(mesh, extent / cells);
    if (best.triangles.size() <= most) break;
  }
  if (!best.triangles.empty()) mesh = std::move(best);
}

}  // namespace stillwatch::data
