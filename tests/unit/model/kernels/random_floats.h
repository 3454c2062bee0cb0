// RandomFloats: made-up activations and weights, the same on every run.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stillwatch::model {

// Uniform in -scale..scale.
inline std::vector<float> RandomFloats(std::size_t count, std::uint32_t seed, float scale = 1) {
  std::vector<float> values(count);
  std::uint32_t state = seed * 2654435761U + 12345U;
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = scale * (static_cast<float>(state >> 8) / 8388608.0F - 1.0F);
  }
  return values;
}

}  // namespace stillwatch::model
