#include "samples/maker/render.h"

#include <atomic>
#include <thread>

#include "samples/maker/lights.h"
#include "samples/maker/noise.h"

namespace stillwatch::sample {
namespace {

constexpr float kFar = 30;            // Metres; the room is smaller.
constexpr float kOffSurface = 4e-3F;  // Keeps a ray from meeting the surface it starts on.

// The two layers of light at one point.
struct Lit {
  Vec3 ceiling{};
  Vec3 lamp{};
};

// Dimensions of the sample sequence.
enum : std::uint32_t { kPixelX, kPixelY, kCeilingU, kCeilingV, kLampU, kLampV, kBounceU, kBounceV };

struct Stratum {  // One sample of one pixel.
  std::uint32_t pixel;
  std::uint32_t k;
  float operator()(std::uint32_t dimension) const { return Spread(pixel, k, dimension); }
};

Vec3 Lift(Vec3 position, Vec3 normal) { return position + normal * kOffSurface; }

bool Reaches(const LightSample& light, Vec3 from, const Scene& scene, const Scene* actor) {
  if (light.cosine <= 0) return false;
  if (scene.Blocked(from, light.direction, light.distance - kOffSurface)) return false;
  return actor == nullptr || !actor->Blocked(from, light.direction, light.distance);
}

// Light from the panels alone.  `view` nullptr: no highlights (for bounced light).
Lit Direct(const Hit& hit, const Vec3* view, const Stratum& at, const Scene& scene,
           const Scene* actor) {
  Surface surface = hit.surface;
  if (view == nullptr) surface.gloss = 0;
  const Vec3 towards = view == nullptr ? Vec3{} : *view;
  const Vec3 from = Lift(hit.position, hit.normal);
  Lit lit;
  const LightSample ceiling = SampleCeiling(from, hit.normal, at(kCeilingU), at(kCeilingV));
  if (Reaches(ceiling, from, scene, actor)) {
    lit.ceiling = Reflect(surface, hit.normal, towards, ceiling);
  }
  const LightSample lamp = SampleLamp(from, hit.normal, at(kLampU), at(kLampV));
  if (Reaches(lamp, from, scene, actor)) lit.lamp = Reflect(surface, hit.normal, towards, lamp);
  return lit;
}

// With one bounce, and ambient light in place of all further ones.
Lit Shade(const Hit& hit, Vec3 view, const Stratum& at, const Scene& scene, const Scene* actor) {
  Lit lit = Direct(hit, &view, at, scene, actor);
  const Vec3 from = Lift(hit.position, hit.normal);
  const Vec3 out = SampleHemisphere(hit.normal, at(kBounceU), at(kBounceV));
  std::optional<Hit> next = scene.Trace(from, out, kFar);
  if (actor != nullptr) {
    if (const auto other = actor->Trace(from, out, next ? next->distance : kFar)) next = other;
  }
  if (next) {
    const Lit bounced = Direct(*next, nullptr, at, scene, nullptr);
    lit.ceiling += hit.surface.albedo * (bounced.ceiling + next->surface.albedo * kCeilingAmbient);
    lit.lamp += hit.surface.albedo * (bounced.lamp + next->surface.albedo * kLampAmbient);
  }
  return lit;
}

// A tent of two pixels' width: lenses of this class are soft.
float Tent(float u) { return u < 0.5F ? std::sqrt(2 * u) - 1 : 1 - std::sqrt(2 * (1 - u)); }

Vec3 RayOf(const Camera& camera, int x, int y, const Stratum& at) {
  return camera.Ray(static_cast<float>(x) + 0.5F + 0.8F * Tent(at(kPixelX)),
                    static_cast<float>(y) + 0.5F + 0.8F * Tent(at(kPixelY)));
}

std::uint32_t PixelAt(int x, int y) { return static_cast<std::uint32_t>(y * kWidth + x); }

// What the actor takes away from the light of a plate's pixel: 1 nothing, 0 all.
struct Shadow {
  float ceiling = 1;
  float lamp = 1;
};

// Compares the light with and without the actor over the same samples, so that where the actor
// takes nothing away, the result is exactly 1 and the plate stays as it is.
Shadow ShadowAt(const Plate& plate, const Scene& scene, const Scene& actor, std::uint32_t pixel) {
  constexpr float kIndirect =
      0.30F;              // Of the light of a fully lit floor; a guess that looks right.
  float ceiling[2] = {};  // Without, with the actor.
  float lamp[2] = {};
  std::array<bool, kSubsamples> ceiling_cut{};
  std::array<bool, kSubsamples> lamp_cut{};
  int sky_cut = 0;
  bool any = false;
  const auto base = static_cast<std::size_t>(pixel) * kSubsamples;
  for (std::uint32_t k = 0; k < kSubsamples; ++k) {
    const Plate::Sample& s = plate.samples[base + k];
    const Stratum at{pixel, k};
    const Vec3 from = Lift(s.position, s.normal);
    const LightSample c = SampleCeiling(from, s.normal, at(kCeilingU), at(kCeilingV));
    const LightSample l = SampleLamp(from, s.normal, at(kLampU), at(kLampV));
    ceiling_cut[k] = c.cosine > 0 && actor.Blocked(from, c.direction, c.distance);
    lamp_cut[k] = l.cosine > 0 && actor.Blocked(from, l.direction, l.distance);
    const Vec3 out = SampleHemisphere(s.normal, at(kBounceU), at(kBounceV));
    const bool sky = actor.Blocked(from, out, 2.0F);
    sky_cut += sky ? 1 : 0;
    any = any || ceiling_cut[k] || lamp_cut[k] || sky;
  }
  if (!any) return {};
  for (std::uint32_t k = 0; k < kSubsamples; ++k) {
    const Plate::Sample& s = plate.samples[base + k];
    const Stratum at{pixel, k};
    const Vec3 from = Lift(s.position, s.normal);
    const LightSample c = SampleCeiling(from, s.normal, at(kCeilingU), at(kCeilingV));
    const LightSample l = SampleLamp(from, s.normal, at(kLampU), at(kLampV));
    const float ceiling_in = Reaches(c, from, scene, nullptr) ? c.irradiance.y : 0.0F;
    const float lamp_in = Reaches(l, from, scene, nullptr) ? l.irradiance.y : 0.0F;
    ceiling[0] += ceiling_in;
    ceiling[1] += ceiling_cut[k] ? 0 : ceiling_in;
    lamp[0] += lamp_in;
    lamp[1] += lamp_cut[k] ? 0 : lamp_in;
  }
  const float sky = kIndirect * (1 - 0.75F * static_cast<float>(sky_cut) / kSubsamples);
  const auto ratio = [&](float without, float with) {
    const float scale = 1.0F / kSubsamples;
    return (with * scale + sky) / (without * scale + kIndirect);
  };
  return {ratio(ceiling[0], ceiling[1]), ratio(lamp[0], lamp[1])};
}

Vec3 SunAt(const Plate& plate, const Scene& scene, const Scene* actor, float drift,
           std::uint32_t pixel) {
  Vec3 sum{};
  if (plate.sunny[pixel] == 0) return sum;
  for (std::uint32_t k = 0; k < kSubsamples; ++k) {
    const Plate::Sample& s = plate.samples[static_cast<std::size_t>(pixel) * kSubsamples + k];
    const Stratum at{pixel, k};
    const Vec3 from = Lift(s.position, s.normal);
    LightSample sun = SampleSun(from, s.normal, drift, at(kBounceU), at(kBounceV));
    if (sun.irradiance.x <= 0) continue;
    sun.distance -= 0.1F;  // Up to the window, not into its wall.
    if (Reaches(sun, from, scene, actor)) sum += sun.irradiance;
  }
  return plate.albedo[pixel] * sum * (1.0F / kSubsamples);
}

struct Rect {
  int left = kWidth, right = 0, top = kHeight, bottom = 0;
  bool Has(int x, int y) const { return x >= left && x < right && y >= top && y < bottom; }
};

Rect RectOf(const Scene& actor, const Camera& camera) {
  Rect rect;
  for (int corner = 0; corner < 8; ++corner) {
    const Vec3 low = actor.low();
    const Vec3 high = actor.high();
    const Vec3 p =
        camera.Project({(corner & 1) != 0 ? high.x : low.x, (corner & 2) != 0 ? high.y : low.y,
                        (corner & 4) != 0 ? high.z : low.z});
    rect.left = std::min(rect.left, static_cast<int>(p.x) - 4);
    rect.right = std::max(rect.right, static_cast<int>(p.x) + 5);
    rect.top = std::min(rect.top, static_cast<int>(p.y) - 4);
    rect.bottom = std::max(rect.bottom, static_cast<int>(p.y) + 5);
  }
  return rect;
}

}  // namespace

void ForEachRow(const std::function<void(int)>& row) {
  std::atomic<int> next{0};
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> pool;
  for (unsigned i = 0; i < threads; ++i) {
    pool.emplace_back([&] {
      for (int y = next++; y < kHeight; y = next++) row(y);
    });
  }
}

Plate RenderPlate(const Scene& scene, std::uint32_t samples_per_pixel) {
  constexpr std::size_t kPixels = std::size_t{kWidth} * kHeight;
  const Camera camera;
  Plate plate;
  plate.ceiling.resize(kPixels);
  plate.lamp.resize(kPixels);
  plate.albedo.resize(kPixels);
  plate.sunny.resize(kPixels);
  plate.samples.resize(kPixels * kSubsamples);
  for (auto& coverage : plate.coverage) coverage.resize(kPixels);
  ForEachRow([&](int y) {
    for (int x = 0; x < kWidth; ++x) {
      const std::uint32_t pixel = PixelAt(x, y);
      Vec3 albedo{};
      Lit sum;
      std::uint32_t hits = 0;
      for (std::uint32_t k = 0; k < samples_per_pixel; ++k) {
        const Stratum at{pixel, k};
        const Vec3 ray = RayOf(camera, x, y, at);
        const auto hit = scene.Trace(kEye, ray, kFar);
        if (!hit) continue;
        ++hits;
        const Lit lit = Shade(*hit, ray, at, scene, nullptr);
        sum.ceiling += lit.ceiling;
        sum.lamp += lit.lamp;
        albedo += hit->surface.albedo;
        if (MaySeeSun(hit->position)) plate.sunny[pixel] = 1;
        if (k < kSubsamples) {
          plate.samples[static_cast<std::size_t>(pixel) * kSubsamples + k] = {
              hit->distance, hit->position, hit->normal};
          if (hit->id > 0) ++plate.coverage[static_cast<std::size_t>(hit->id - 1)][pixel];
        }
      }
      const float scale = 1.0F / static_cast<float>(std::max(hits, 1U));
      plate.ceiling[pixel] = sum.ceiling * scale;
      plate.lamp[pixel] = sum.lamp * scale;
      plate.albedo[pixel] = albedo * scale;
    }
  });
  return plate;
}

Picture RenderFrame(const Plate& plate, const Scene& scene, const Lights& lights,
                    const Scene* actor, Vec3 actor_ground) {
  constexpr float kShadowReach =
      2.4F;  // Metres around the feet; the lights hang steeper than that.
  const Camera camera;
  const Rect rect = actor != nullptr ? RectOf(*actor, camera) : Rect{};
  Picture picture(plate.ceiling.size());
  ForEachRow([&](int y) {
    for (int x = 0; x < kWidth; ++x) {
      const std::uint32_t pixel = PixelAt(x, y);
      Shadow shadow;
      const Plate::Sample& middle = plate.samples[static_cast<std::size_t>(pixel) * kSubsamples];
      const Vec3 off = middle.position - actor_ground;
      if (actor != nullptr && off.x * off.x + off.y * off.y < kShadowReach * kShadowReach) {
        shadow = ShadowAt(plate, scene, *actor, pixel);
      }
      Vec3 color = plate.ceiling[pixel] * (lights.ceiling * shadow.ceiling) +
                   plate.lamp[pixel] * (lights.lamp * shadow.lamp) +
                   SunAt(plate, scene, actor, lights.sun_drift, pixel);
      if (actor != nullptr && rect.Has(x, y)) {
        Vec3 sum{};
        int covered = 0;
        for (std::uint32_t k = 0; k < kSubsamples; ++k) {
          const Stratum at{pixel, k};
          const Vec3 ray = RayOf(camera, x, y, at);
          const float behind =
              plate.samples[static_cast<std::size_t>(pixel) * kSubsamples + k].distance;
          const auto hit = actor->Trace(kEye, ray, behind);
          if (!hit) continue;
          ++covered;
          const Lit lit = Shade(*hit, ray, at, scene, actor);
          sum += lit.ceiling * lights.ceiling + lit.lamp * lights.lamp;
          const Vec3 from = Lift(hit->position, hit->normal);
          LightSample sun =
              SampleSun(from, hit->normal, lights.sun_drift, at(kBounceU), at(kBounceV));
          sun.distance -= 0.1F;
          if (sun.irradiance.x > 0 && Reaches(sun, from, scene, actor)) {
            sum += hit->surface.albedo * sun.irradiance;
          }
        }
        const float share = static_cast<float>(covered) / kSubsamples;
        color = color * (1 - share) + sum * (1.0F / kSubsamples);
      }
      picture[pixel] = color;
    }
  });
  return picture;
}

}  // namespace stillwatch::sample
