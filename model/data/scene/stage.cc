#include "model/data/scene/stage.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <embree3/rtcore.h>

#include "model/data/scene/pattern.h"

namespace stillwatch::data {
namespace {

constexpr std::size_t kWide = 8;

float ToLinear(std::uint8_t byte) {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> t{};
    for (std::size_t i = 0; i < 256; ++i) t[i] = std::pow(static_cast<float>(i) / 255, 2.2F);
    return t;
  }();
  return table[byte];
}

const std::uint8_t* Pixel(const Image& image, float s, float t) {
  if (!std::isfinite(s) || !std::isfinite(t)) s = t = 0;
  const int x = std::clamp(static_cast<int>((s - std::floor(s)) * static_cast<float>(image.width)),
                           0, image.width - 1);
  const int y =
      std::clamp(static_cast<int>((1 - (t - std::floor(t))) * static_cast<float>(image.height)), 0,
                 image.height - 1);
  return &image.bytes[static_cast<std::size_t>((y * image.width + x) * image.channels)];
}

void Load(std::span<const Ray> rays, std::size_t first, RTCRay8& packet, int* valid) {
  for (std::size_t k = 0; k < kWide; ++k) {
    const bool is = first + k < rays.size() && rays[first + k].far > 0;
    valid[k] = is ? -1 : 0;
    const Ray& ray = rays[is ? first + k : first];
    packet.org_x[k] = ray.from.x;
    packet.org_y[k] = ray.from.y;
    packet.org_z[k] = ray.from.z;
    packet.dir_x[k] = ray.to.x;
    packet.dir_y[k] = ray.to.y;
    packet.dir_z[k] = ray.to.z;
    packet.tnear[k] = 1e-3F;
    packet.tfar[k] = ray.far;
    packet.time[k] = 0;
    packet.mask[k] = ~0U;
    packet.flags[k] = 0;
  }
}

}  // namespace

struct Stage::Impl {
  Shell shell;
  std::vector<Actor> actors;
  std::vector<Vec> tints;  // Linear, per actor.
  RTCScene scene = nullptr;
  unsigned first_actor = 1;
  ~Impl() {
    if (scene) rtcReleaseScene(scene);
  }

  Hit ShadeShell(unsigned primitive, float u, float v, const Ray& ray, float distance) const {
    Hit hit{.distance = distance, .object = shell.object_of[primitive]};
    const auto& [a, b, c] = shell.triangles[primitive];
    hit.at = ray.from + ray.to * distance;
    hit.normal = Unit(Cross(shell.points[b] - shell.points[a], shell.points[c] - shell.points[a]));
    if (Dot(hit.normal, ray.to) > 0) hit.normal = hit.normal * -1;
    const Surface& surface = shell.surfaces[static_cast<std::size_t>(shell.surface_of[primitive])];
    hit.shine = surface.shine;
    hit.glow = surface.glow;
    if (surface.pattern == Pattern::kTexture && surface.texture >= 0) {
      const float w = 1 - u - v;
      const std::uint8_t* p = Pixel(
          shell.textures[static_cast<std::size_t>(surface.texture)],
          std::clamp(shell.uv[a][0] * w + shell.uv[b][0] * u + shell.uv[c][0] * v, 0.0F, 0.999F),
          std::clamp(shell.uv[a][1] * w + shell.uv[b][1] * u + shell.uv[c][1] * v, 0.001F, 0.999F));
      hit.albedo = {ToLinear(p[0]), ToLinear(p[1]), ToLinear(p[2])};
    } else {
      hit.albedo = PatternColor(surface, hit.at, hit.normal);
    }
    return hit;
  }

  Hit ShadeActor(const Actor& actor, const Vec& tint, unsigned primitive, float u, float v,
                 const Ray& ray, float distance) const {
    const Mesh& mesh = actor.model->mesh;
    const auto& [a, b, c] = mesh.triangles[primitive];
    const float w = 1 - u - v;
    Hit hit{.distance = distance, .object = actor.object};
    hit.at = ray.from + ray.to * distance;
    const Vec local =
        ToVec(mesh.normals[a]) * w + ToVec(mesh.normals[b]) * u + ToVec(mesh.normals[c]) * v;
    hit.normal = Unit(actor.pose.Direction(local));
    // Faces have two sides; but a smooth normal that looks away a little is no back side.
    const float away = Dot(hit.normal, ray.to);
    if (away > 0.35F) hit.normal = hit.normal * -1;
    if (away > 0 && away <= 0.35F) hit.normal = Unit(hit.normal - ray.to * (away + 0.02F));
    const int index = mesh.material_of[primitive];
    const Material& material = mesh.materials[static_cast<std::size_t>(index)];
    hit.opacity = material.opacity;
    hit.shine = material.shine;
    Vec color = ToVec(material.color);
    hit.albedo = Linear(color);
    if (material.texture >= 0) {
      const std::uint8_t* p = Pixel(mesh.textures[static_cast<std::size_t>(material.texture)],
                                    mesh.uv[a][0] * w + mesh.uv[b][0] * u + mesh.uv[c][0] * v,
                                    mesh.uv[a][1] * w + mesh.uv[b][1] * u + mesh.uv[c][1] * v);
      hit.albedo = hit.albedo * Vec{ToLinear(p[0]), ToLinear(p[1]), ToLinear(p[2])};
      hit.opacity *= static_cast<float>(p[3]) / 255;
    }
    if (actor.tint && index == actor.model->main_material) {
      float shade = 1;
      if (material.texture >= 0) {
        shade =
            std::clamp(0.5F + 1.3F * (hit.albedo.x + hit.albedo.y + hit.albedo.z) / 3, 0.4F, 1.2F);
      }
      hit.albedo = tint * shade;
      hit.opacity = std::max(hit.opacity, 0.95F);
    }
    if (actor.shine) hit.shine = *actor.shine;
    return hit;
  }
};

Stage::Stage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stage::Stage(Stage&&) noexcept = default;
Stage::~Stage() = default;

Result<Stage> Stage::Build(const ModelStock& stock, const Shell& shell,
                           const std::vector<Actor>& actors) {
  auto impl = std::make_unique<Impl>();
  impl->shell = shell;
  impl->actors = actors;
  RTCDevice device = stock.device();
  impl->scene = rtcNewScene(device);
  rtcSetSceneBuildQuality(impl->scene, RTC_BUILD_QUALITY_LOW);
  RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE);
  // One point more: Embree reads 16 bytes at the last.
  void* points = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                                         sizeof(Vec), shell.points.size() + 1);
  void* triangles = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                            3 * sizeof(std::uint32_t), shell.triangles.size());
  if (!points || !triangles) {
    rtcReleaseGeometry(geometry);
    return Failure(Internal("Embree: no memory for the building"));
  }
  std::memcpy(points, shell.points.data(), shell.points.size() * sizeof(Vec));
  std::memcpy(triangles, shell.triangles.data(),
              shell.triangles.size() * 3 * sizeof(std::uint32_t));
  rtcCommitGeometry(geometry);
  rtcAttachGeometryByID(impl->scene, geometry, 0);
  rtcReleaseGeometry(geometry);
  for (std::size_t i = 0; i < actors.size(); ++i) {
    RTCGeometry instance = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_INSTANCE);
    rtcSetGeometryInstancedScene(instance, actors[i].model->scene);
    const Affine& p = actors[i].pose;
    const std::array<float, 12> matrix{p.x.x, p.x.y, p.x.z, p.y.x,  p.y.y,  p.y.z,
                                       p.z.x, p.z.y, p.z.z, p.at.x, p.at.y, p.at.z};
    rtcSetGeometryTransform(instance, 0, RTC_FORMAT_FLOAT3X4_COLUMN_MAJOR, matrix.data());
    rtcCommitGeometry(instance);
    rtcAttachGeometryByID(impl->scene, instance, static_cast<unsigned>(i) + 1);
    rtcReleaseGeometry(instance);
    impl->tints.push_back(actors[i].tint ? Linear(*actors[i].tint) : Vec{});
  }
  rtcCommitScene(impl->scene);
  return Stage(std::move(impl));
}

void Stage::Trace(std::span<const Ray> rays, std::span<Hit> hits) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  alignas(32) std::array<int, kWide> valid{};
  RTCRayHit8 packet;
  for (std::size_t first = 0; first < rays.size(); first += kWide) {
    Load(rays, first, packet.ray, valid.data());
    for (std::size_t k = 0; k < kWide; ++k) {
      packet.hit.geomID[k] = RTC_INVALID_GEOMETRY_ID;
      packet.hit.instID[0][k] = RTC_INVALID_GEOMETRY_ID;
    }
    rtcIntersect8(valid.data(), impl_->scene, &context, &packet);
    for (std::size_t k = 0; k < kWide && first + k < rays.size(); ++k) {
      Hit& hit = hits[first + k];
      if (valid[k] == 0 || packet.hit.geomID[k] == RTC_INVALID_GEOMETRY_ID) {
        hit = {};
        continue;
      }
      const Ray& ray = rays[first + k];
      const unsigned instance = packet.hit.instID[0][k];
      if (instance == RTC_INVALID_GEOMETRY_ID) {
        hit = impl_->ShadeShell(packet.hit.primID[k], packet.hit.u[k], packet.hit.v[k], ray,
                                packet.ray.tfar[k]);
      } else {
        hit = impl_->ShadeActor(impl_->actors[instance - 1], impl_->tints[instance - 1],
                                packet.hit.primID[k], packet.hit.u[k], packet.hit.v[k], ray,
                                packet.ray.tfar[k]);
      }
    }
  }
}

void Stage::Test(std::span<const Ray> rays, std::span<std::uint8_t> open) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  alignas(32) std::array<int, kWide> valid{};
  RTCRay8 packet;
  for (std::size_t first = 0; first < rays.size(); first += kWide) {
    Load(rays, first, packet, valid.data());
    rtcOccluded8(valid.data(), impl_->scene, &context, &packet);
    for (std::size_t k = 0; k < kWide && first + k < rays.size(); ++k) {
      open[first + k] = valid[k] != 0 && packet.tfar[k] >= 0 ? 1 : 0;
    }
  }
}

}  // namespace stillwatch::data
