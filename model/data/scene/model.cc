#include "model/data/scene/model.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <embree3/rtcore.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/catalogue.h"
#include "model/data/scene/mesh_file.h"

namespace stillwatch::data {
namespace {

constexpr std::size_t kMostTriangles = 9000;  // Things are seen a hundred pixels high.
constexpr int kMostTexture_px = 256;

void Shrink(Mesh& mesh) {
  for (Image& texture : mesh.textures) {
    const int longer = std::max(texture.width, texture.height);
    if (longer <= kMostTexture_px) continue;
    const double scale = static_cast<double>(kMostTexture_px) / longer;
    cv::Mat small;
    cv::resize(View(std::as_const(texture)), small, cv::Size(), scale, scale, cv::INTER_AREA);
    texture = Copy(small);
  }
}

double Area(const Mesh& mesh, std::size_t triangle, double& up) {
  const auto& [a, b, c] = mesh.triangles[triangle];
  const Vec p = ToVec(mesh.points[a]);
  const Vec n = Cross(ToVec(mesh.points[b]) - p, ToVec(mesh.points[c]) - p);
  const double area = Length(n) / 2;
  up = area > 0 ? std::abs(n.y) / (2 * area) : 0;
  return area;
}

// Fills what follows from the mesh.
void Measure(Model& model) {
  const Mesh& mesh = model.mesh;
  model.low = {1e30F, 1e30F, 1e30F};
  model.high = {-1e30F, -1e30F, -1e30F};
  for (const auto& triangle : mesh.triangles) {
    for (const std::uint32_t index : triangle) {
      const Vec p = ToVec(mesh.points[index]);
      model.low = {std::min(model.low.x, p.x), std::min(model.low.y, p.y),
                   std::min(model.low.z, p.z)};
      model.high = {std::max(model.high.x, p.x), std::max(model.high.y, p.y),
                    std::max(model.high.z, p.z)};
    }
  }
  std::vector<double> area(mesh.materials.size());
  double top = 0;
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    double up = 0;
    const double size = Area(mesh, i, up);
    const auto material = static_cast<std::size_t>(mesh.material_of[i]);
    // Paint goes on plain parts rather than on pictures.
    const double plain = mesh.materials[material].texture < 0 ? 1 : 0.5;
    if (mesh.materials[material].opacity > 0.9F) area[material] += size * plain;
    if (up > 0.97 && mesh.points[mesh.triangles[i][0]][1] > model.high.y - 0.03F) top += size;
  }
  model.main_material = static_cast<int>(std::max_element(area.begin(), area.end()) - area.begin());
  const double footprint = static_cast<double>(model.high.x - model.low.x) *
                           static_cast<double>(model.high.z - model.low.z);
  model.flat_top =
      top > 0.6 * footprint && model.high.y > 0.35F && model.high.y < 1.2F && footprint > 0.3;
}

Status Commit(RTCDevice device, Model& model) {
  const Mesh& mesh = model.mesh;
  model.scene = rtcNewScene(device);
  RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE);
  void* points = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                                         3 * sizeof(float), mesh.points.size());
  void* triangles = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                            3 * sizeof(std::uint32_t), mesh.triangles.size());
  if (!points || !triangles) return Internal("Embree: no memory for " + model.id);
  std::memcpy(points, mesh.points.data(), mesh.points.size() * 3 * sizeof(float));
  std::memcpy(triangles, mesh.triangles.data(), mesh.triangles.size() * 3 * sizeof(std::uint32_t));
  rtcCommitGeometry(geometry);
  rtcAttachGeometry(model.scene, geometry);
  rtcReleaseGeometry(geometry);
  rtcCommitScene(model.scene);
  return {};
}

bool Valid(const Mesh& mesh) {
  if (mesh.triangles.empty() || mesh.materials.empty()) return false;
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    for (const std::uint32_t index : mesh.triangles[i]) {
      if (index >= mesh.points.size()) return false;
    }
    const int material = mesh.material_of[i];
    if (material < 0 || static_cast<std::size_t>(material) >= mesh.materials.size()) return false;
  }
  return std::all_of(mesh.points.begin(), mesh.points.end(), [](const auto& p) {
    return std::isfinite(p[0]) && std::isfinite(p[1]) && std::isfinite(p[2]);
  });
}

Result<Mesh> LoadOne(const Listed& listed, Libraries& libraries) {
  if (listed.make) return listed.make(listed.seed).mesh;
  auto mesh = libraries.Load(listed);
  if (!mesh) return mesh;
  Thin(*mesh, kMostTriangles);
  Shrink(*mesh);
  return mesh;
}

const std::set<std::string>& Vehicles() {
  static const std::set<std::string> names{"car",      "van",       "truck",  "bus",
                                           "forklift", "motorbike", "scooter"};
  return names;
}

}  // namespace

struct ModelStock::Device {
  RTCDevice device = nullptr;
  std::vector<RTCScene> scenes{};
  ~Device() {
    for (RTCScene scene : scenes) rtcReleaseScene(scene);
    if (device) rtcReleaseDevice(device);
  }
};

ModelStock::ModelStock() : device_(std::make_unique<Device>()) {}
ModelStock::ModelStock(ModelStock&&) noexcept = default;
ModelStock& ModelStock::operator=(ModelStock&&) noexcept = default;
ModelStock::~ModelStock() = default;
RTCDeviceTy* ModelStock::device() const { return device_->device; }

Result<ModelStock> ModelStock::Load(const std::filesystem::path& catalogue,
                                    const std::filesystem::path& libraries,
                                    const std::filesystem::path& cache, std::uint64_t seed,
                                    int threads, double variety, const Progress& progress,
                                    std::vector<std::string>& left_out) {
  auto listed = ListThings(
      {.catalogue = catalogue, .libraries = libraries, .seed = seed, .variety = variety});
  if (!listed) return Failure(listed.error());
  std::error_code error;
  std::filesystem::create_directories(cache, error);
  if (error) return Failure(Unavailable(cache.string() + ": " + error.message()));

  std::vector<Model> models(listed->size());
  std::vector<std::string> why(listed->size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::size_t done = 0;
  const auto work = [&] {
    Libraries open(libraries);
    for (std::size_t i = next++; i < listed->size() && !stop; i = next++) {
      const Listed& from = (*listed)[i];
      Model& model = models[i];
      const auto file = cache / (from.thing.id + ".mesh");
      // Made meshes depend on the seed: they are quick to make again.
      Result<Mesh> mesh = from.make ? LoadOne(from, open) : ReadMesh(file);
      if (!mesh) {
        mesh = LoadOne(from, open);
        if (mesh && Valid(*mesh)) {
          if (auto status = WriteMesh(file, *mesh); !status.ok()) why[i] = status.message();
        }
      }
      if (!mesh) {
        why[i] = mesh.error().message();
      } else if (!Valid(*mesh)) {
        why[i] = "no usable triangles";
      } else {
        model = {.id = from.thing.id,
                 .noun = from.thing.noun,
                 .places = from.thing.places,
                 .weight = from.thing.weight,
                 .round = from.thing.round,
                 .plant = from.thing.plant,
                 .person = from.thing.person,
                 .vehicle = Vehicles().contains(from.thing.noun),
                 .paint = from.paint,
                 .test = from.thing.test,
                 .mesh = std::move(*mesh)};
        Measure(model);
      }
      const std::lock_guard lock(mutex);
      if (progress && !progress(++done, listed->size(), from.thing.id)) stop = true;
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int i = 0; i < threads; ++i) pool.emplace_back(work);
  }
  if (stop) return Failure(Cancelled("models: stopped; the same call goes on"));

  ModelStock stock;
  stock.device_->device = rtcNewDevice("threads=1,set_affinity=0");
  if (!stock.device_->device) return Failure(Internal("Embree: no device"));
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!why[i].empty()) left_out.push_back((*listed)[i].thing.id + ": " + why[i]);
    if (models[i].mesh.triangles.empty()) continue;
    if (auto status = Commit(stock.device_->device, models[i]); !status.ok()) {
      return Failure(status);
    }
    stock.device_->scenes.push_back(models[i].scene);
    stock.models_.push_back(std::move(models[i]));
  }
  return stock;
}

const Model* ModelStock::Draw(bool test, char place, Random& random,
                              const std::function<bool(const Model&)>& fits) const {
  std::vector<const Model*> found;
  std::vector<double> weights;
  for (const Model& model : models_) {
    if (model.test != test || model.person || model.weight <= 0) continue;
    if (model.places.find(place) == std::string::npos) continue;
    if (fits && !fits(model)) continue;
    found.push_back(&model);
    weights.push_back(model.weight);
  }
  return found.empty() ? nullptr : found[random.Weighted(weights)];
}

const Model* ModelStock::DrawPerson(bool test, Random& random) const {
  std::vector<const Model*> found;
  for (const Model& model : models_) {
    if (model.person && (test || !model.test)) found.push_back(&model);
  }
  return found.empty() ? nullptr : random.Pick(found);
}

const Model* ModelStock::ByNoun(bool test, const std::string& noun, Random& random) const {
  std::vector<const Model*> found;
  for (const Model& model : models_) {
    if (model.noun == noun && model.test == test) found.push_back(&model);
  }
  return found.empty() ? nullptr : random.Pick(found);
}

}  // namespace stillwatch::data
