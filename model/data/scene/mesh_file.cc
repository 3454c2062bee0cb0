#include "model/data/scene/mesh_file.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include "model/data/files.h"

namespace stillwatch::data {
namespace {

constexpr std::uint64_t kMagic = 0x31304853454D5753;  // "SWMESH01".
constexpr std::uint64_t kMostItems = 50'000'000;

template <typename T>
void Put(std::string& out, const std::vector<T>& items) {
  const std::uint64_t count = items.size();
  out.append(reinterpret_cast<const char*>(&count), sizeof(count));
  out.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
}

class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}
  template <typename T>
  bool Get(std::vector<T>& items) {
    std::uint64_t count = 0;
    if (!Raw(&count, sizeof(count)) || count > kMostItems) return false;
    if (count * sizeof(T) > bytes_.size() - at_) return false;
    items.resize(count);
    return count == 0 || Raw(items.data(), count * sizeof(T));
  }
  bool Raw(void* to, std::size_t size) {
    if (size > bytes_.size() - at_) return false;
    std::memcpy(to, bytes_.data() + at_, size);
    at_ += size;
    return true;
  }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Status WriteMesh(const std::filesystem::path& file, const Mesh& mesh) {
  std::string out(reinterpret_cast<const char*>(&kMagic), sizeof(kMagic));
  Put(out, mesh.points);
  Put(out, mesh.normals);
  Put(out, mesh.uv);
  Put(out, mesh.triangles);
  Put(out, mesh.material_of);
  Put(out, mesh.materials);
  std::vector<std::array<std::int32_t, 3>> sizes;
  for (const Image& image : mesh.textures)
    sizes.push_back({image.width, image.height, image.channels});
  Put(out, sizes);
  for (const Image& image : mesh.textures) Put(out, image.bytes);
  return WriteWhole(file, out);
}

Result<Mesh> ReadMesh(const std::filesystem::path& file) {
  auto text = ReadWhole(file);
  if (!text) return Failure(text.error());
  const auto broken = [&] { return DataLoss(file.string() + ": broken; remove it"); };
  Reader reader(*text);
  std::uint64_t magic = 0;
  Mesh mesh;
  std::vector<std::array<std::int32_t, 3>> sizes;
  if (!reader.Raw(&magic, sizeof(magic)) || magic != kMagic || !reader.Get(mesh.points) ||
      !reader.Get(mesh.normals) || !reader.Get(mesh.uv) || !reader.Get(mesh.triangles) ||
      !reader.Get(mesh.material_of) || !reader.Get(mesh.materials) || !reader.Get(sizes)) {
    return broken();
  }
  if (mesh.normals.size() != mesh.points.size() || mesh.uv.size() != mesh.points.size() ||
      mesh.material_of.size() != mesh.triangles.size()) {
    return broken();
  }
  for (const auto& [width, height, channels] : sizes) {
    Image image{.width = width, .height = height, .channels = channels};
    if (width < 1 || height < 1 || channels != 4 || !reader.Get(image.bytes) ||
        image.bytes.size() !=
            static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4) {
      return broken();
    }
    mesh.textures.push_back(std::move(image));
  }
  for (const Material& material : mesh.materials) {
    if (material.texture >= static_cast<int>(mesh.textures.size())) return broken();
  }
  return mesh;
}

}  // namespace stillwatch::data
