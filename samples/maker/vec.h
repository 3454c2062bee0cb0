// Vec3: points, directions and linear colours of the sample scene.  Metres; x right, y away from
// the camera, z up.

#pragma once

#include <algorithm>
#include <cmath>

namespace stillwatch::sample {

struct Vec3 {
  float x = 0;
  float y = 0;
  float z = 0;
};

constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
constexpr Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
constexpr Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
inline Vec3& operator+=(Vec3& a, Vec3 b) { return a = a + b; }
constexpr float Dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 Cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float Length(Vec3 a) { return std::sqrt(Dot(a, a)); }
inline Vec3 Normalized(Vec3 a) { return a * (1.0F / std::max(Length(a), 1e-12F)); }
inline Vec3 Mix(Vec3 a, Vec3 b, float t) { return a * (1 - t) + b * t; }
inline float Mix(float a, float b, float t) { return a * (1 - t) + b * t; }

// 0 at or below `from`, 1 at or above `to`, smooth between.
inline float Smooth(float from, float to, float x) {
  const float t = std::clamp((x - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

// Turns about the vertical; yaw 0 leaves +y in front, positive is to the left (seen from above).
inline Vec3 Turned(Vec3 v, float yaw) {
  const float c = std::cos(yaw);
  const float s = std::sin(yaw);
  return {c * v.x - s * v.y, s * v.x + c * v.y, v.z};
}

}  // namespace stillwatch::sample
