#include "model/data/scene/pattern.h"

#include <cmath>
#include <cstdint>

namespace stillwatch::data {
namespace {

float Hash(std::int32_t x, std::int32_t y) {
  auto h =
      static_cast<std::uint32_t>(x) * 0x8DA6B343U ^ static_cast<std::uint32_t>(y) * 0xD8163841U;
  h ^= h >> 13;
  h *= 0x5BD1E995U;
  h ^= h >> 15;
  return static_cast<float>(h & 0xFFFFU) / 65535.0F;
}

// Soft noise, 0..1.
float Soft(float x, float y) {
  const auto ix = static_cast<std::int32_t>(std::floor(x));
  const auto iy = static_cast<std::int32_t>(std::floor(y));
  float fx = x - static_cast<float>(ix);
  float fy = y - static_cast<float>(iy);
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const float top = Hash(ix, iy) * (1 - fx) + Hash(ix + 1, iy) * fx;
  const float low = Hash(ix, iy + 1) * (1 - fx) + Hash(ix + 1, iy + 1) * fx;
  return top * (1 - fy) + low * fy;
}

float Fraction(float v) { return v - std::floor(v); }
std::int32_t Cell(float v) { return static_cast<std::int32_t>(std::floor(v)); }

}  // namespace

Vec PatternColor(const Surface& s, const Vec& at, const Vec& normal) {
  const float ax = std::abs(normal.x), ay = std::abs(normal.y), az = std::abs(normal.z);
  float u = at.x, v = at.z;
  if (ax > ay && ax > az) u = at.z, v = at.y;
  if (az > ax && az > ay) u = at.x, v = at.y;
  u /= s.scale;
  v /= s.scale;
  Vec color = s.color;
  const auto mix = [&](float share) { color = s.color * (1 - share) + s.color2 * share; };
  switch (s.pattern) {
    case Pattern::kPlain:
    case Pattern::kTexture:
      break;
    case Pattern::kTiles: {
      const bool joint = Fraction(u) < 0.03F || Fraction(v) < 0.03F;
      if (joint)
        mix(1);
      else
        color = color * (0.95F + 0.08F * Hash(Cell(u), Cell(v)));
      break;
    }
    case Pattern::kPlanks: {
      const std::int32_t board = Cell(u);
      const float along = v * 0.15F + Hash(board, 7) * 5;
      const bool joint = Fraction(u) < 0.05F || Fraction(along) < 0.008F;
      if (joint)
        mix(0.8F);
      else
        color = color * (0.88F + 0.2F * Hash(board, Cell(along))) *
                (0.95F + 0.1F * Soft(u * 9, v * 0.7F));
      break;
    }
    case Pattern::kBricks: {
      const std::int32_t row = Cell(v);
      const float shifted = u * 0.4F + ((row & 1) != 0 ? 0.5F : 0);
      if (Fraction(v) < 0.14F || Fraction(shifted) < 0.05F)
        mix(1);
      else
        color = color * (0.8F + 0.3F * Hash(Cell(shifted), row));
      break;
    }
    case Pattern::kSpeckled:
      mix(0.5F * Hash(Cell(u * 40), Cell(v * 40)) + 0.4F * Soft(u * 1.7F, v * 1.7F));
      break;
    case Pattern::kMottled:
      mix(0.6F * Soft(u, v) + 0.3F * Soft(u * 3.1F, v * 3.1F) + 0.1F * Soft(u * 13, v * 13));
      break;
    case Pattern::kChecker:
      if (((Cell(u) + Cell(v)) & 1) != 0) mix(1);
      break;
    case Pattern::kStripes:
      if ((Cell(u) & 1) != 0) mix(1);
      break;
    case Pattern::kCorrugated:
      mix(0.5F + 0.5F * std::sin(u * 6.2832F));
      break;
  }
  return Linear(color);
}

}  // namespace stillwatch::data
