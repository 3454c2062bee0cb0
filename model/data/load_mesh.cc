#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <assimp/IOStream.hpp>
#include <assimp/IOSystem.hpp>
#include <assimp/Importer.hpp>
#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>

#include "model/data/mesh.h"

namespace stillwatch::data {
namespace {

using Files = std::map<std::string, std::vector<std::uint8_t>>;

// One file of the map, as Assimp reads it.
class MemoryStream : public Assimp::IOStream {
 public:
  explicit MemoryStream(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}
  size_t Read(void* to, size_t size, size_t count) override {
    if (size == 0) return 0;
    const size_t whole = std::min(count, (bytes_.size() - at_) / size);
    if (whole > 0) std::memcpy(to, bytes_.data() + at_, whole * size);
    at_ += whole * size;
    return whole;
  }
  size_t Write(const void*, size_t, size_t) override { return 0; }
  aiReturn Seek(size_t offset, aiOrigin origin) override {
    const size_t base = origin == aiOrigin_CUR ? at_ : origin == aiOrigin_END ? bytes_.size() : 0;
    if (base + offset > bytes_.size()) return aiReturn_FAILURE;
    at_ = base + offset;
    return aiReturn_SUCCESS;
  }
  size_t Tell() const override { return at_; }
  size_t FileSize() const override { return bytes_.size(); }
  void Flush() override {}

 private:
  const std::vector<std::uint8_t>& bytes_;
  size_t at_ = 0;
};

// The map as a file system.  MTL files name their textures in any case and with any slash.
const std::vector<std::uint8_t>* Find(const Files& files, std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  if (name.starts_with("./")) name.erase(0, 2);
  if (const auto found = files.find(name); found != files.end()) return &found->second;
  const std::string base = name.substr(name.rfind('/') + 1);
  for (const auto& [path, bytes] : files) {
    const std::string other = path.substr(path.rfind('/') + 1);
    if (other.size() == base.size() &&
        std::equal(other.begin(), other.end(), base.begin(), [](unsigned char a, unsigned char b) {
          return std::tolower(a) == std::tolower(b);
        })) {
      return &bytes;
    }
  }
  return nullptr;
}

class MemorySystem : public Assimp::IOSystem {
 public:
  explicit MemorySystem(const Files& files) : files_(files) {}
  bool Exists(const char* name) const override { return Find(files_, name) != nullptr; }
  char getOsSeparator() const override { return '/'; }
  Assimp::IOStream* Open(const char* name, const char*) override {
    const auto* bytes = Find(files_, name);
    return bytes ? new MemoryStream(*bytes) : nullptr;  // Assimp gives it back to Close().
  }
  void Close(Assimp::IOStream* stream) override { delete stream; }

 private:
  const Files& files_;
};

Material ReadMaterial(const aiMaterial& from, const Files& files, Mesh& mesh,
                      std::map<std::string, int>& known) {
  Material material;
  aiColor3D color(0.7F, 0.7F, 0.7F);
  if (from.Get(AI_MATKEY_COLOR_DIFFUSE, color) == aiReturn_SUCCESS) {
    material.color = {color.r, color.g, color.b};
  }
  float opacity = 1;
  if (from.Get(AI_MATKEY_OPACITY, opacity) == aiReturn_SUCCESS && opacity > 0) {
    material.opacity = std::min(opacity, 1.0F);
  }
  aiColor3D specular(0, 0, 0);
  if (from.Get(AI_MATKEY_COLOR_SPECULAR, specular) == aiReturn_SUCCESS) {
    material.shine = std::clamp((specular.r + specular.g + specular.b) / 3, 0.0F, 1.0F);
  }
  aiString texture;
  if (from.GetTexture(aiTextureType_DIFFUSE, 0, &texture) == aiReturn_SUCCESS) {
    const std::string name = texture.C_Str();
    if (const auto found = known.find(name); found != known.end()) {
      material.texture = found->second;
    } else if (const auto* bytes = Find(files, name)) {
      // A texture that cannot be read leaves the plain colour: some are in odd formats.
      if (auto image = DecodeImage(*bytes, 4, name)) {
        material.texture = static_cast<int>(mesh.textures.size());
        mesh.textures.push_back(std::move(*image));
      }
      known[name] = material.texture;
    }
    // Many of these files leave Kd black beside a texture.
    if (material.texture >= 0 && color.r + color.g + color.b < 0.05F) material.color = {1, 1, 1};
  }
  return material;
}

void Append(const aiMesh& from, Mesh& mesh) {
  const auto first = static_cast<std::uint32_t>(mesh.points.size());
  for (unsigned i = 0; i < from.mNumVertices; ++i) {
    const aiVector3D& p = from.mVertices[i];
    const aiVector3D n = from.HasNormals() ? from.mNormals[i] : aiVector3D(0, 1, 0);
    mesh.points.push_back({p.x, p.y, p.z});
    mesh.normals.push_back({n.x, n.y, n.z});
    mesh.uv.push_back(from.HasTextureCoords(0) ? std::array<float, 2>{from.mTextureCoords[0][i].x,
                                                                      from.mTextureCoords[0][i].y}
                                               : std::array<float, 2>{0, 0});
  }
  for (unsigned i = 0; i < from.mNumFaces; ++i) {
    const aiFace& face = from.mFaces[i];
    if (face.mNumIndices != 3) continue;
    mesh.triangles.push_back(
        {first + face.mIndices[0], first + face.mIndices[1], first + face.mIndices[2]});
    mesh.material_of.push_back(static_cast<int>(from.mMaterialIndex));
  }
}

// Turns, centres and stretches.  False: the model has no extent, or is not finite.
bool Fit(Mesh& mesh, const MeshWish& wish) {
  const auto& r = wish.rotation;
  const auto turn = [&](std::array<float, 3>& v) {
    const std::array<double, 3> o{v[0], v[1], v[2]};
    for (std::size_t row = 0; row < 3; ++row) {
      v[row] =
          static_cast<float>(r[row * 3] * o[0] + r[row * 3 + 1] * o[1] + r[row * 3 + 2] * o[2]);
    }
  };
  std::array<float, 3> low;
  std::array<float, 3> high;
  low.fill(std::numeric_limits<float>::max());
  high.fill(std::numeric_limits<float>::lowest());
  for (auto& p : mesh.points) turn(p);
  for (auto& n : mesh.normals) turn(n);
  for (const auto& triangle : mesh.triangles) {
    for (const std::uint32_t index : triangle) {
      const auto& p = mesh.points[index];
      for (std::size_t k = 0; k < 3; ++k) {
        if (!std::isfinite(p[k])) return false;
        low[k] = std::min(low[k], p[k]);
        high[k] = std::max(high[k], p[k]);
      }
    }
  }
  std::array<float, 3> scale{};
  for (std::size_t k = 0; k < 3; ++k) {
    const float extent = high[k] - low[k];
    scale[k] = extent > 1e-6F ? static_cast<float>(wish.size_m[k]) / extent : 1;
  }
  if (!(high[1] - low[1] > 0 || high[0] - low[0] > 0)) return false;
  const std::array<float, 3> origin{(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2};
  for (auto& p : mesh.points) {
    for (std::size_t k = 0; k < 3; ++k) p[k] = (p[k] - origin[k]) * scale[k];
  }
  for (auto& n : mesh.normals) {
    for (std::size_t k = 0; k < 3; ++k) n[k] /= scale[k];
    const float length = std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    if (!(length > 0))
      n = {0, 1, 0};
    else
      for (float& v : n) v /= length;
  }
  return true;
}

}  // namespace

Result<Mesh> LoadMesh(const Files& files, const std::string& name, const MeshWish& wish) {
  try {
    Assimp::Importer importer;
    MemorySystem system(files);
    importer.SetIOHandler(&system);
    importer.SetPropertyFloat(AI_CONFIG_PP_GSN_MAX_SMOOTHING_ANGLE, 50);
    importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE,
                                aiPrimitiveType_POINT | aiPrimitiveType_LINE);
    const aiScene* scene =
        importer.ReadFile(name, aiProcess_Triangulate | aiProcess_GenSmoothNormals |
                                    aiProcess_PreTransformVertices | aiProcess_SortByPType);
    Mesh mesh;
    if (scene) {
      std::map<std::string, int> known;
      for (unsigned i = 0; i < scene->mNumMaterials; ++i) {
        mesh.materials.push_back(ReadMaterial(*scene->mMaterials[i], files, mesh, known));
      }
      for (unsigned i = 0; i < scene->mNumMeshes; ++i) Append(*scene->mMeshes[i], mesh);
    }
    const std::string why = importer.GetErrorString();
    importer.SetIOHandler(nullptr);  // Ours is on the stack, and Importer would delete it.
    if (mesh.triangles.empty()) return DataLoss(name + ": no triangles. " + why);
    if (!Fit(mesh, wish)) return DataLoss(name + ": has no extent");
    return mesh;
  } catch (const std::exception& error) {
    return DataLoss(name + ": " + error.what());
  }
}

void Paint(Mesh& mesh, const std::array<float, 3>& color) {
  std::vector<double> area(mesh.materials.size());
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    const auto& [a, b, c] = mesh.triangles[i];
    std::array<double, 3> u{};
    std::array<double, 3> v{};
    for (std::size_t k = 0; k < 3; ++k) {
      u[k] = mesh.points[b][k] - mesh.points[a][k];
      v[k] = mesh.points[c][k] - mesh.points[a][k];
    }
    area[static_cast<std::size_t>(mesh.material_of[i])] +=
        std::hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
  }
  int best = -1;
  for (std::size_t i = 0; i < area.size(); ++i) {
    const Material& material = mesh.materials[i];
    if (material.texture >= 0 || material.opacity < 0.9F) continue;
    if (best < 0 || area[i] > area[static_cast<std::size_t>(best)]) best = static_cast<int>(i);
  }
  if (best >= 0) mesh.materials[static_cast<std::size_t>(best)].color = color;
}

}  // namespace stillwatch::data
