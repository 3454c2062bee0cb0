#include "samples/maker/lights.h"

#include <cmath>
#include <numbers>

namespace stillwatch::sample {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr Vec3 kCool{25.0F, 26.0F, 26.5F};
constexpr Vec3 kWarm{37.0F, 31.5F, 24.0F};
constexpr Panel kCeiling[] = {{{2.0F, 2.5F, 3.65F}, 0.20F, 1.1F, kCool * 2.0F},
                              {{5.2F, 2.5F, 3.65F}, 0.20F, 1.1F, kCool * 2.0F}};
constexpr Panel kLamp{{4.9F, 4.1F, 3.4F}, 0.45F, 0.30F, kWarm};

// The window: x = 7.4, in y and z.
constexpr float kWindowX = 7.4F;
constexpr float kWindowY[] = {1.50F, 2.52F};
constexpr float kWindowZ[] = {2.25F, 3.05F};
constexpr Vec3 kSun{2.1F, 1.85F, 1.45F};

LightSample SamplePanel(const Panel& panel, Vec3 position, Vec3 normal, float u, float v) {
  const Vec3 at = panel.center + Vec3{(2 * u - 1) * panel.half_x, (2 * v - 1) * panel.half_y, 0};
  const Vec3 line = at - position;
  LightSample sample;
  sample.distance = Length(line);
  sample.direction = line * (1 / sample.distance);
  sample.cosine = Dot(normal, sample.direction);
  const float area = 4 * panel.half_x * panel.half_y;
  const float facing = std::max(sample.direction.z, 0.0F);
  sample.irradiance = panel.power * (std::max(sample.cosine, 0.0F) * facing * area /
                                     (kPi * sample.distance * sample.distance));
  return sample;
}

}  // namespace

LightSample SampleCeiling(Vec3 position, Vec3 normal, float u, float v) {
  const bool second = u >= 0.5F;
  return SamplePanel(kCeiling[second ? 1 : 0], position, normal, second ? 2 * u - 1 : 2 * u, v);
}

LightSample SampleLamp(Vec3 position, Vec3 normal, float u, float v) {
  return SamplePanel(kLamp, position, normal, u, v);
}

LightSample SampleSun(Vec3 position, Vec3 normal, float drift, float u, float v) {
  // The patch creeps by about 30 cm over the clip.  Haze makes the sun 2 degrees wide.
  LightSample sample;
  sample.direction = Normalized({4.15F, 0.15F - 0.30F * drift + 0.16F * (u - 0.5F),
                                 2.65F + 0.12F * drift + 0.16F * (v - 0.5F)});
  sample.cosine = Dot(normal, sample.direction);
  if (sample.cosine <= 0 || position.x >= kWindowX - 0.05F) return sample;
  sample.distance = (kWindowX - position.x) / sample.direction.x;
  const Vec3 at = position + sample.direction * sample.distance;
  const float middle = (kWindowY[0] + kWindowY[1]) / 2;
  const bool in_frame = at.y > kWindowY[0] && at.y < kWindowY[1] && at.z > kWindowZ[0] &&
                        at.z < kWindowZ[1] && std::abs(at.y - middle) > 0.035F;
  if (in_frame) sample.irradiance = kSun * sample.cosine;
  return sample;
}

bool MaySeeSun(Vec3 position) {
  constexpr float kMargin = 0.20F;
  for (const float drift : {0.0F, 0.5F, 1.0F}) {  // The window is wider than the steps between.
    const LightSample sun = SampleSun(position, {0.5F, 0, 0.8F}, drift, 0.5F, 0.5F);
    const Vec3 at = position + sun.direction * sun.distance;
    if (sun.distance > 0 && at.y > kWindowY[0] - kMargin && at.y < kWindowY[1] + kMargin &&
        at.z > kWindowZ[0] - kMargin && at.z < kWindowZ[1] + kMargin) {
      return true;
    }
  }
  return false;
}

Vec3 Reflect(const Surface& surface, Vec3 normal, Vec3 view, const LightSample& light) {
  Vec3 out = surface.albedo * light.irradiance;
  if (surface.gloss > 0 && light.cosine > 0) {
    const Vec3 halfway = Normalized(light.direction - view);
    const float peak = std::pow(std::max(Dot(halfway, normal), 0.0F), surface.sharpness);
    out += light.irradiance * (surface.gloss * peak * (surface.sharpness + 8) * 0.04F);
  }
  return out;
}

Vec3 SampleHemisphere(Vec3 normal, float u, float v) {
  const float radius = std::sqrt(u);
  const float angle = 2 * kPi * v;
  const Vec3 side =
      Normalized(Cross(std::abs(normal.z) < 0.9F ? Vec3{0, 0, 1} : Vec3{1, 0, 0}, normal));
  const Vec3 other = Cross(normal, side);
  return Normalized(side * (radius * std::cos(angle)) + other * (radius * std::sin(angle)) +
                    normal * std::sqrt(std::max(1 - u, 0.0F)));
}

}  // namespace stillwatch::sample
