// Mesh: a thing made of triangles, ready to be rendered.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/data/image.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

struct Material {
  std::array<float, 3> color{0.7F, 0.7F, 0.7F};  // sRGB, 0..1; multiplies the texture.
  float opacity = 1;                             // 0..1.
  float shine = 0;                               // 0 = chalk, 1 = polished metal.
  int texture = -1;                              // Index into textures, -1: none.
};

// Metres, y up, standing on y = 0 around the origin, its front towards +z.
struct Mesh {
  std::vector<std::array<float, 3>> points{};
  std::vector<std::array<float, 3>> normals{};  // One per point, of length 1.
  std::vector<std::array<float, 2>> uv{};       // One per point, origin bottom left.
  std::vector<std::array<std::uint32_t, 3>> triangles{};
  std::vector<int> material_of{};  // One per triangle.
  std::vector<Material> materials{};
  std::vector<Image> textures{};  // RGBA.
};

// What is known of a model beside its file.
struct MeshWish {
  std::array<double, 3> size_m{1, 1, 1};                      // Width, height, depth.
  std::array<double, 9> rotation{1, 0, 0, 0, 1, 0, 0, 0, 1};  // Row-major, applied first.
};

// Reads the OBJ file `name` out of `files` (with the MTL files and textures it names), turns it
// and stretches its bounding box to `wish.size_m`.  kDataLoss: not an OBJ with triangles.
[[nodiscard]] Result<Mesh> LoadMesh(const std::map<std::string, std::vector<std::uint8_t>>& files,
                                    const std::string& name, const MeshWish& wish);

// Gives the material with the largest untextured, opaque area this colour: "the paint" of a car.
void Paint(Mesh& mesh, const std::array<float, 3>& color);

}  // namespace stillwatch::data
