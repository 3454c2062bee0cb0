#include "model/data/render.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <embree3/rtcore.h>

#include "model/data/random.h"

namespace stillwatch::data {
namespace {

using Vec = std::array<float, 3>;

Vec operator+(const Vec& a, const Vec& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
Vec operator*(const Vec& a, float s) { return {a[0] * s, a[1] * s, a[2] * s}; }
float Dot(const Vec& a, const Vec& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vec Unit(const Vec& a) { return a * (1 / std::max(std::sqrt(Dot(a, a)), 1e-12F)); }

constexpr int kRaysPerSide = 2;   // Per pixel.
constexpr int kSkyRays = 2;       // Per camera ray: 8 a pixel, little enough noise after resizing.
constexpr int kMostLayers = 10;   // Transparent surfaces along one ray.
constexpr float kOffset = 1e-4F;  // Of the thing's size: keeps a ray off its own surface.
// The lamp stands on the upper left, before the thing.  Scenes mirror it by flipping sprites.
constexpr Vec kToLamp{-0.50F, 0.78F, 0.38F};
constexpr float kLampSize = 0.12F;  // Soft edges of shadows.
constexpr float kGamma = 2.2F;

struct Light {
  Vec color{0, 0, 0};
  float through = 1;  // What is left for what lies behind.
};

struct Release {
  void operator()(RTCDeviceTy* device) const { rtcReleaseDevice(device); }
  void operator()(RTCSceneTy* scene) const { rtcReleaseScene(scene); }
};

}  // namespace

struct MeshRenderer::Impl {
  Mesh mesh;
  bool translucent = false;
  std::unique_ptr<RTCDeviceTy, Release> device;
  std::unique_ptr<RTCSceneTy, Release> scene;  // After the device: released first.

  struct Hit {
    bool any = false;
    float distance = 0;
    Vec normal{};
    Vec albedo{};  // Linear.
    float opacity = 1;
    float shine = 0;
  };

  Hit Closest(const Vec& origin, const Vec& direction) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    RTCRayHit ray{};
    ray.ray.org_x = origin[0];
    ray.ray.org_y = origin[1];
    ray.ray.org_z = origin[2];
    ray.ray.dir_x = direction[0];
    ray.ray.dir_y = direction[1];
    ray.ray.dir_z = direction[2];
    ray.ray.tfar = std::numeric_limits<float>::infinity();
    ray.ray.mask = ~0U;
    ray.hit.geomID = RTC_INVALID_GEOMETRY_ID;
    rtcIntersect1(scene.get(), &context, &ray);
    if (ray.hit.geomID == RTC_INVALID_GEOMETRY_ID) return {};
    return Shade(ray.hit.primID, ray.hit.u, ray.hit.v, ray.ray.tfar, direction);
  }

  Hit Shade(unsigned primitive, float u, float v, float distance, const Vec& direction) const {
    const auto& [a, b, c] = mesh.triangles[primitive];
    const float w = 1 - u - v;
    Hit hit{.any = true, .distance = distance};
    hit.normal = Unit(mesh.normals[a] * w + mesh.normals[b] * u + mesh.normals[c] * v);
    if (Dot(hit.normal, direction) > 0) hit.normal = hit.normal * -1;  // Faces have two sides.
    const Material& material =
        mesh.materials[static_cast<std::size_t>(mesh.material_of[primitive])];
    Vec color = material.color;
    hit.opacity = material.opacity;
    hit.shine = material.shine;
    if (material.texture >= 0) {
      const Image& image = mesh.textures[static_cast<std::size_t>(material.texture)];
      float s = mesh.uv[a][0] * w + mesh.uv[b][0] * u + mesh.uv[c][0] * v;
      float t = mesh.uv[a][1] * w + mesh.uv[b][1] * u + mesh.uv[c][1] * v;
      if (!std::isfinite(s) || !std::isfinite(t)) s = t = 0;
      const int x =
          std::clamp(static_cast<int>((s - std::floor(s)) * static_cast<float>(image.width)), 0,
                     image.width - 1);
      const int y =
          std::clamp(static_cast<int>((1 - (t - std::floor(t))) * static_cast<float>(image.height)),
                     0, image.height - 1);
      const std::uint8_t* pixel =
          &image.bytes[(static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                        static_cast<std::size_t>(x)) *
                       4];
      for (std::size_t k = 0; k < 3; ++k) color[k] *= static_cast<float>(pixel[k]) / 255;
      hit.opacity *= static_cast<float>(pixel[3]) / 255;
    }
    // A transparent wall seen edge on is thicker.
    if (material.opacity < 0.95F) {
      const float facing = std::abs(Dot(hit.normal, direction));
      hit.opacity = std::min(1.0F, hit.opacity + (0.9F - hit.opacity) * std::pow(1 - facing, 3.0F));
    }
    for (std::size_t k = 0; k < 3; ++k) {
      hit.albedo[k] = std::pow(std::clamp(color[k], 0.0F, 1.0F), kGamma);
    }
    return hit;
  }

  // How much light comes from `direction`, 0..1.
  float Open(Vec origin, const Vec& direction, float epsilon) const {
    if (!translucent) {
      RTCIntersectContext context;
      rtcInitIntersectContext(&context);
      RTCRay ray{};
      ray.org_x = origin[0];
      ray.org_y = origin[1];
      ray.org_z = origin[2];
      ray.dir_x = direction[0];
      ray.dir_y = direction[1];
      ray.dir_z = direction[2];
      ray.tfar = std::numeric_limits<float>::infinity();
      ray.mask = ~0U;
      rtcOccluded1(scene.get(), &context, &ray);
      return ray.tfar < 0 ? 0.0F : 1.0F;
    }
    float through = 1;
    for (int layer = 0; layer < kMostLayers && through > 0.02F; ++layer) {
      const Hit hit = Closest(origin, direction);
      if (!hit.any) break;
      through *= 1 - hit.opacity;
      origin = origin + direction * (hit.distance + epsilon);
    }
    return through;
  }

  // A direction around `normal`, more of them near it (cosine).
  static Vec Sky(const Vec& normal, Random& random) {
    for (;;) {
      const Vec v{static_cast<float>(random.Range(-1, 1)), static_cast<float>(random.Range(-1, 1)),
                  static_cast<float>(random.Range(-1, 1))};
      const float square = Dot(v, v);
      if (square > 1e-4F && square < 1) return Unit(normal + Unit(v) * 0.999F);
    }
  }

  static Vec Lamp(Random& random) {
    return Unit(kToLamp + Vec{static_cast<float>(random.Range(-1, 1)) * kLampSize,
                              static_cast<float>(random.Range(-1, 1)) * kLampSize,
                              static_cast<float>(random.Range(-1, 1)) * kLampSize});
  }

  template <typename ToMesh>
  Light Trace(Vec origin, const Vec& direction, float sun, float epsilon, const ToMesh& to_mesh,
              Random& random) const {
    Light light;
    for (int layer = 0; layer < kMostLayers && light.through > 0.02F; ++layer) {
      const Hit hit = Closest(origin, direction);
      if (!hit.any) break;
      const Vec at = origin + direction * hit.distance + hit.normal * epsilon;
      float sky = 0;
      for (int i = 0; i < kSkyRays; ++i) {
        const Vec towards = Sky(hit.normal, random);
        // Below the horizon lies the ground, which gives some light back.
        sky += Open(at, towards, epsilon) * (towards[1] > 0 ? 1.0F : 0.45F);
      }
      sky *= 0.75F / kSkyRays;
      const Vec lamp = to_mesh(Lamp(random));
      const float facing = Dot(hit.normal, lamp);
      const float direct = facing > 0 ? sun * Open(at, lamp, epsilon) : 0;
      const Vec halfway = Unit(lamp + direction * -1);
      const float rim = std::pow(1 - std::abs(Dot(hit.normal, direction)), 4.0F);
      const float gloss =
          hit.shine * (0.9F * direct * std::pow(std::max(0.0F, Dot(hit.normal, halfway)), 60.0F) +
                       0.35F * sky * rim + 0.10F * sky);
      const float part = light.through * hit.opacity;
      for (std::size_t k = 0; k < 3; ++k) {
        light.color[k] += part * (hit.albedo[k] * (sky + direct * std::max(0.0F, facing)) + gloss);
      }
      light.through *= 1 - hit.opacity;
      origin = origin + direction * (hit.distance + epsilon);
    }
    return light;
  }
};

MeshRenderer::MeshRenderer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MeshRenderer::MeshRenderer(MeshRenderer&&) noexcept = default;
MeshRenderer::~MeshRenderer() = default;

Result<MeshRenderer> MeshRenderer::Create(Mesh mesh) {
  if (mesh.triangles.empty()) return InvalidArgument("mesh without triangles");
  for (const auto& triangle : mesh.triangles) {
    for (const std::uint32_t index : triangle) {
      if (index >= mesh.points.size()) return InvalidArgument("mesh: point index out of range");
    }
  }
  if (mesh.normals.size() != mesh.points.size() || mesh.uv.size() != mesh.points.size() ||
      mesh.material_of.size() != mesh.triangles.size()) {
    return InvalidArgument("mesh: a normal, uv or material is missing");
  }
  for (const int material : mesh.material_of) {
    if (material < 0 || static_cast<std::size_t>(material) >= mesh.materials.size()) {
      return InvalidArgument("mesh: material index out of range");
    }
  }
  auto impl = std::make_unique<Impl>();
  impl->device.reset(rtcNewDevice("threads=1,set_affinity=0"));
  if (!impl->device) return Internal("Embree: no device");
  impl->scene.reset(rtcNewScene(impl->device.get()));
  RTCGeometry geometry = rtcNewGeometry(impl->device.get(), RTC_GEOMETRY_TYPE_TRIANGLE);
  void* points = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                                         3 * sizeof(float), mesh.points.size());
  void* triangles = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                            3 * sizeof(std::uint32_t), mesh.triangles.size());
  if (!points || !triangles) {
    rtcReleaseGeometry(geometry);
    return Internal("Embree: no memory for the mesh");
  }
  std::memcpy(points, mesh.points.data(), mesh.points.size() * 3 * sizeof(float));
  std::memcpy(triangles, mesh.triangles.data(), mesh.triangles.size() * 3 * sizeof(std::uint32_t));
  rtcCommitGeometry(geometry);
  rtcAttachGeometry(impl->scene.get(), geometry);
  rtcReleaseGeometry(geometry);
  rtcCommitScene(impl->scene.get());
  if (const RTCError error = rtcGetDeviceError(impl->device.get()); error != RTC_ERROR_NONE) {
    return Internal("Embree: error " + std::to_string(static_cast<int>(error)));
  }
  for (const Material& material : mesh.materials) {
    impl->translucent = impl->translucent || material.opacity < 0.99F || material.texture >= 0;
  }
  impl->mesh = std::move(mesh);
  return MeshRenderer(std::move(impl));
}

Result<Sprite> MeshRenderer::Render(const SpriteView& view) const {
  if (view.size_px < 8 || view.size_px > 1024) return InvalidArgument("sprite size: 8..1024 px");
  if (!(view.elevation_deg >= 0 && view.elevation_deg <= 90)) {
    return InvalidArgument("elevation: 0..90 degrees");
  }
  constexpr double kDegree = 3.14159265358979323846 / 180;
  const auto sin_e = static_cast<float>(std::sin(view.elevation_deg * kDegree));
  const auto cos_e = static_cast<float>(std::cos(view.elevation_deg * kDegree));
  const auto sin_a = static_cast<float>(std::sin(view.azimuth_deg * kDegree));
  const auto cos_a = static_cast<float>(std::cos(view.azimuth_deg * kDegree));
  // The mesh stays; camera and lamp are turned the other way round it.
  const auto to_mesh = [&](const Vec& v) {
    return Vec{cos_a * v[0] - sin_a * v[2], v[1], sin_a * v[0] + cos_a * v[2]};
  };
  const Vec right = to_mesh({1, 0, 0});
  const Vec up = to_mesh({0, cos_e, -sin_e});
  const Vec ahead = to_mesh({0, -sin_e, -cos_e});

  float x0 = 1e30F, x1 = -1e30F, y0 = 1e30F, y1 = -1e30F, reach = 0;
  for (const auto& triangle : impl_->mesh.triangles) {
    for (const std::uint32_t index : triangle) {
      const Vec& p = impl_->mesh.points[index];
      x0 = std::min(x0, Dot(p, right));
      x1 = std::max(x1, Dot(p, right));
      y0 = std::min(y0, Dot(p, up));
      y1 = std::max(y1, Dot(p, up));
      reach = std::max(reach, std::sqrt(Dot(p, p)));
    }
  }
  const float extent = std::max({x1 - x0, y1 - y0, 1e-4F});
  const float scale = static_cast<float>(view.size_px) / extent;
  // Room for the shadow: the lamp throws it to the right, and a little away from the camera.
  x0 -= 0.12F * extent;
  x1 += 0.40F * extent;
  y0 -= 0.12F * extent;
  y1 += 0.10F * extent;
  const int width = static_cast<int>(std::ceil((x1 - x0) * scale));
  const int height = static_cast<int>(std::ceil((y1 - y0) * scale));

  Sprite sprite{.rgba = MakeImage(width, height, 4), .shadow = MakeImage(width, height, 1)};
  sprite.anchor_x = -x0 * scale;
  sprite.anchor_y = y1 * scale;
  sprite.px_per_m = scale;
  const float epsilon = kOffset * reach;
  const auto sun = static_cast<float>(view.sun);
  Random random(view.seed);
  constexpr int kRays = kRaysPerSide * kRaysPerSide;
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      Vec color{0, 0, 0};
      float alpha = 0;
      float dark = 0;
      for (int sub = 0; sub < kRays; ++sub) {
        const auto jitter = [&](int cell) {
          return (static_cast<float>(cell) + static_cast<float>(random.Unit())) / kRaysPerSide;
        };
        const float x = x0 + (static_cast<float>(column) + jitter(sub % kRaysPerSide)) / scale;
        const float y = y1 - (static_cast<float>(row) + jitter(sub / kRaysPerSide)) / scale;
        const Vec origin = right * x + up * y + ahead * (-3 * reach);
        const Light light = impl_->Trace(origin, ahead, sun, epsilon, to_mesh, random);
        color = color + light.color;
        alpha += 1 - light.through;
        if (light.through > 0.02F && ahead[1] < -0.02F) {
          const Vec ground = origin + ahead * (-origin[1] / ahead[1]) + Vec{0, epsilon, 0};
          const Vec lamp = to_mesh(Impl::Lamp(random));
          const float lamp_open = impl_->Open(ground, lamp, epsilon);
          const float sky_open = impl_->Open(ground, Impl::Sky({0, 1, 0}, random), epsilon);
          const float lamp_part = 0.55F * sun / (0.55F * sun + 0.45F);
          dark += 1 - (lamp_part * lamp_open + (1 - lamp_part) * sky_open);
        }
      }
      const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(column);
      if (alpha > 0) {
        for (std::size_t k = 0; k < 3; ++k) {
          const float linear = std::clamp(color[k] / alpha, 0.0F, 1.0F);
          sprite.rgba.bytes[at * 4 + k] =
              static_cast<std::uint8_t>(std::lround(255 * std::pow(linear, 1 / kGamma)));
        }
      }
      sprite.rgba.bytes[at * 4 + 3] =
          static_cast<std::uint8_t>(std::lround(255 * std::min(1.0F, alpha / kRays)));
      sprite.shadow.bytes[at] =
          static_cast<std::uint8_t>(std::lround(255 * std::clamp(dark / kRays, 0.0F, 1.0F)));
    }
  }
  return sprite;
}

}  // namespace stillwatch::data
