// Fp8: e4m3 as GPUs have it (no infinities, largest 448), one byte.

#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace stillwatch::model {

inline constexpr float kLargestFp8 = 448.0F;

inline float Fp8ToFloat(std::uint8_t bits) {
  if ((bits & 0x7FU) == 0x7FU) return std::nanf("");
  const std::uint32_t wide =
      (std::uint32_t{bits & 0x80U} << 24) | (std::uint32_t{bits & 0x7FU} << 20);
  return std::bit_cast<float>(wide) * 0x1p120F;  // The difference of the exponents' biases.
}

// To the nearest, ties to even; beyond 448 it stays 448; NaN stays one.
inline std::uint8_t FloatToFp8(float x) {
  const auto sign = static_cast<std::uint8_t>(std::signbit(x) ? 0x80U : 0U);
  const float size = std::fabs(x);
  if (std::isnan(x)) return static_cast<std::uint8_t>(sign | 0x7FU);
  if (size >= kLargestFp8) return static_cast<std::uint8_t>(sign | 0x7EU);
  if (size < 0x1p-6F) {  // Multiples of 2^-9, up to and including the smallest normal number.
    return static_cast<std::uint8_t>(sign | static_cast<std::uint8_t>(std::nearbyint(size * 512)));
  }
  const auto wide = std::bit_cast<std::uint32_t>(size);
  const std::uint32_t rounded = wide + 0x7FFFFU + ((wide >> 20) & 1U);
  return static_cast<std::uint8_t>(sign | ((rounded >> 20) - (120U << 3)));
}

}  // namespace stillwatch::model
