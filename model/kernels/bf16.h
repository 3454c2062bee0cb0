// Bf16: the upper half of a float.

#pragma once

#include <bit>
#include <cstdint>

namespace stillwatch::model {

// Same bytes as at::BFloat16 and __nv_bfloat16, so that pointers to either may be reinterpreted.
struct Bf16 {
  std::uint16_t bits = 0;
};

inline float ToFloat(Bf16 x) { return std::bit_cast<float>(std::uint32_t{x.bits} << 16); }

// To the nearest, ties to even; a NaN stays one.
inline Bf16 ToBf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if (x != x) return {static_cast<std::uint16_t>((bits >> 16) | 0x40U)};
  return {static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16)};
}

inline float RoundToBf16(float x) { return ToFloat(ToBf16(x)); }

}  // namespace stillwatch::model
