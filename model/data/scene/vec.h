// Vec: three floats, as points, directions and colours of light.

#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace stillwatch::data {

struct Vec {
  float x = 0, y = 0, z = 0;
  friend Vec operator+(const Vec& a, const Vec& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec operator-(const Vec& a, const Vec& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec operator*(const Vec& a, float s) { return {a.x * s, a.y * s, a.z * s}; }
  friend Vec operator*(const Vec& a, const Vec& b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
  friend bool operator==(const Vec&, const Vec&) = default;
};

inline float Dot(const Vec& a, const Vec& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec Cross(const Vec& a, const Vec& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float Length(const Vec& a) { return std::sqrt(Dot(a, a)); }
inline Vec Unit(const Vec& a) { return a * (1 / std::max(Length(a), 1e-12F)); }
inline Vec ToVec(const std::array<float, 3>& a) { return {a[0], a[1], a[2]}; }

// Turn and scale, then shift: p -> (x, y, z) p + at.
struct Affine {
  Vec x{1, 0, 0}, y{0, 1, 0}, z{0, 0, 1};  // Columns.
  Vec at{};
  Vec Point(const Vec& p) const { return x * p.x + y * p.y + z * p.z + at; }
  Vec Direction(const Vec& d) const { return x * d.x + y * d.y + z * d.z; }
  friend bool operator==(const Affine&, const Affine&) = default;
};

// sRGB 0..1 to linear light, near enough.
inline Vec Linear(const Vec& c) {
  const auto one = [](float v) { return std::pow(std::clamp(v, 0.0F, 1.0F), 2.2F); };
  return {one(c.x), one(c.y), one(c.z)};
}

}  // namespace stillwatch::data
