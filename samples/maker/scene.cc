#include "samples/maker/scene.h"

#include <stdexcept>

#include <embree3/rtcore.h>

namespace stillwatch::sample {
namespace {

RTCDevice Device() {
  static const RTCDevice device = [] {
    const RTCDevice made = rtcNewDevice("threads=1");
    if (made == nullptr) throw std::runtime_error("Embree gives no device");
    return made;
  }();
  return device;
}

template <typename T>
T* NewBuffer(RTCGeometry geometry, RTCBufferType type, RTCFormat format, std::size_t count) {
  return static_cast<T*>(rtcSetNewGeometryBuffer(geometry, type, 0, format, sizeof(T), count));
}

struct Float4 {
  float x, y, z, radius;
};

}  // namespace

struct Scene::Impl {
  struct Part {
    Instance instance;
    bool curves = false;
  };
  RTCScene scene = nullptr;
  std::vector<Part> parts{};  // By Embree's geometry id.

  ~Impl() { rtcReleaseScene(scene); }

  void Attach(RTCGeometry geometry, const Instance& instance, bool curves) {
    rtcCommitGeometry(geometry);
    rtcAttachGeometry(scene, geometry);  // Ids count up from 0.
    rtcReleaseGeometry(geometry);
    parts.push_back({instance, curves});
  }

  void AddMesh(const Instance& instance) {
    const Model& model = *instance.model;
    const RTCGeometry mesh = rtcNewGeometry(Device(), RTC_GEOMETRY_TYPE_TRIANGLE);
    auto* vertices =
        NewBuffer<Vec3>(mesh, RTC_BUFFER_TYPE_VERTEX, RTC_FORMAT_FLOAT3, model.positions.size());
    for (std::size_t i = 0; i < model.positions.size(); ++i) {
      vertices[i] =
          Turned(model.positions[i], instance.placement.yaw) + instance.placement.position;
    }
    auto* indices = NewBuffer<std::array<std::uint32_t, 3>>(
        mesh, RTC_BUFFER_TYPE_INDEX, RTC_FORMAT_UINT3, model.triangles.size());
    std::copy(model.triangles.begin(), model.triangles.end(), indices);
    Attach(mesh, instance, false);
  }

  void AddCurves(const Instance& instance) {
    const auto& capsules = instance.model->capsules;
    const RTCGeometry curves = rtcNewGeometry(Device(), RTC_GEOMETRY_TYPE_ROUND_LINEAR_CURVE);
    auto* points =
        NewBuffer<Float4>(curves, RTC_BUFFER_TYPE_VERTEX, RTC_FORMAT_FLOAT4, capsules.size() * 2);
    auto* starts =
        NewBuffer<std::uint32_t>(curves, RTC_BUFFER_TYPE_INDEX, RTC_FORMAT_UINT, capsules.size());
    for (std::size_t i = 0; i < capsules.size(); ++i) {
      const auto place = [&](Vec3 p, float radius) {
        p = Turned(p, instance.placement.yaw) + instance.placement.position;
        return Float4{p.x, p.y, p.z, radius};
      };
      points[2 * i] = place(capsules[i].a, capsules[i].radius_a);
      points[2 * i + 1] = place(capsules[i].b, capsules[i].radius_b);
      starts[i] = static_cast<std::uint32_t>(2 * i);
    }
    Attach(curves, instance, true);
  }
};

Scene::Scene(std::vector<Instance> instances) : impl_(std::make_unique<Impl>()) {
  impl_->scene = rtcNewScene(Device());
  rtcSetSceneFlags(impl_->scene, RTC_SCENE_FLAG_ROBUST);
  for (const Instance& instance : instances) {
    if (!instance.model->triangles.empty()) impl_->AddMesh(instance);
    if (!instance.model->capsules.empty()) impl_->AddCurves(instance);
  }
  rtcCommitScene(impl_->scene);
  if (rtcGetDeviceError(Device()) != RTC_ERROR_NONE) throw std::runtime_error("Embree: bad scene");
}
Scene::~Scene() = default;
Scene::Scene(Scene&&) noexcept = default;
Scene& Scene::operator=(Scene&&) noexcept = default;

std::optional<Hit> Scene::Trace(Vec3 origin, Vec3 direction, float limit) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  RTCRayHit ray{};
  ray.ray = {.org_x = origin.x,
             .org_y = origin.y,
             .org_z = origin.z,
             .tnear = 0,
             .dir_x = direction.x,
             .dir_y = direction.y,
             .dir_z = direction.z,
             .time = 0,
             .tfar = limit,
             .mask = 0xFFFFFFFFU,
             .id = 0,
             .flags = 0};
  ray.hit.geomID = RTC_INVALID_GEOMETRY_ID;
  rtcIntersect1(impl_->scene, &context, &ray);
  if (ray.hit.geomID == RTC_INVALID_GEOMETRY_ID) return std::nullopt;

  const Impl::Part& part = impl_->parts[ray.hit.geomID];
  const Model& model = *part.instance.model;
  const float yaw = part.instance.placement.yaw;
  Hit hit;
  hit.id = part.instance.id;
  hit.distance = ray.ray.tfar;
  hit.position = origin + direction * hit.distance;
  Vec3 local_normal;
  Material material{};
  if (part.curves) {
    local_normal = Turned(Normalized({ray.hit.Ng_x, ray.hit.Ng_y, ray.hit.Ng_z}), -yaw);
    material = model.capsules[ray.hit.primID].material;
  } else {
    const auto& corner = model.triangles[ray.hit.primID];
    local_normal =
        Normalized(model.normals[corner[0]] * (1 - ray.hit.u - ray.hit.v) +
                   model.normals[corner[1]] * ray.hit.u + model.normals[corner[2]] * ray.hit.v);
    material = model.materials[ray.hit.primID];
  }
  hit.normal = Turned(local_normal, yaw);
  if (Dot(hit.normal, direction) > 0) hit.normal = hit.normal * -1.0F;
  const Vec3 local = Turned(hit.position - part.instance.placement.position, -yaw);
  hit.surface = Paint(material, local, local_normal);
  return hit;
}

bool Scene::Blocked(Vec3 origin, Vec3 direction, float limit) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  RTCRay ray{.org_x = origin.x,
             .org_y = origin.y,
             .org_z = origin.z,
             .tnear = 0,
             .dir_x = direction.x,
             .dir_y = direction.y,
             .dir_z = direction.z,
             .time = 0,
             .tfar = limit,
             .mask = 0xFFFFFFFFU,
             .id = 0,
             .flags = 0};
  rtcOccluded1(impl_->scene, &context, &ray);
  return ray.tfar < 0;
}

Vec3 Scene::low() const {
  RTCBounds bounds;
  rtcGetSceneBounds(impl_->scene, &bounds);
  return {bounds.lower_x, bounds.lower_y, bounds.lower_z};
}

Vec3 Scene::high() const {
  RTCBounds bounds;
  rtcGetSceneBounds(impl_->scene, &bounds);
  return {bounds.upper_x, bounds.upper_y, bounds.upper_z};
}

}  // namespace stillwatch::sample
