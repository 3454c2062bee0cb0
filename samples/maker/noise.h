// Random: reproducible noise, from a seed and nothing else.

#pragma once

#include <cmath>
#include <cstdint>

#include "samples/maker/vec.h"

namespace stillwatch::sample {

inline std::uint32_t Hash(std::uint32_t x) {  // Chris Wellons' lowbias32.
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

inline float HashUnit(std::uint32_t x) { return static_cast<float>(Hash(x) >> 8) * 0x1p-24F; }

// Sample k of a Kronecker sequence in dimension `dimension`, shifted by the pixel's own offset:
// evenly spread within a pixel, unrelated between pixels.
inline float Spread(std::uint32_t pixel, std::uint32_t k, std::uint32_t dimension) {
  constexpr double kSteps[] = {0.7548776662, 0.5698402910, 0.4142135624, 0.7320508076,
                               0.2360679775, 0.6457513111, 0.3166247904, 0.6055512755,
                               0.1231056256, 0.3588989435};
  const double x = static_cast<double>(HashUnit(pixel * 16 + dimension)) +
                   kSteps[dimension % 10] * static_cast<double>(k + 1);
  return static_cast<float>(x - std::floor(x));
}

// Value noise, 0..1, one cell per unit.
inline float ValueNoise(Vec3 p) {
  const auto cell = [](float v) { return static_cast<std::int32_t>(std::floor(v)); };
  const std::int32_t ix = cell(p.x);
  const std::int32_t iy = cell(p.y);
  const std::int32_t iz = cell(p.z);
  const auto corner = [&](int dx, int dy, int dz) {
    return HashUnit(static_cast<std::uint32_t>(ix + dx) * 73856093U ^
                    static_cast<std::uint32_t>(iy + dy) * 19349663U ^
                    static_cast<std::uint32_t>(iz + dz) * 83492791U);
  };
  const float fx = Smooth(0, 1, p.x - std::floor(p.x));
  const float fy = Smooth(0, 1, p.y - std::floor(p.y));
  const float fz = Smooth(0, 1, p.z - std::floor(p.z));
  const auto plane = [&](int dz) {
    return Mix(Mix(corner(0, 0, dz), corner(1, 0, dz), fx),
               Mix(corner(0, 1, dz), corner(1, 1, dz), fx), fy);
  };
  return Mix(plane(0), plane(1), fz);
}

// Four octaves of it: stains, grain, dirt.  0..1, around 0.5.
inline float Fractal(Vec3 p) {
  float sum = 0;
  float weight = 0.5F;
  for (int octave = 0; octave < 4; ++octave, weight *= 0.5F, p = p * 2.03F) {
    sum += weight * ValueNoise(p);
  }
  return sum / 0.9375F;
}

}  // namespace stillwatch::sample
