// Random: a random stream that gives the same numbers on every machine.

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace stillwatch::data {

// SplitMix64 (Steele, Lea, Flood 2014).  Ours and not <random>'s distributions, because those may
// differ between standard libraries and pair i must depend on the seed alone.
//
// Not thread-safe: one stream belongs to one pair.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // A stream of its own for (seed, index): neighbouring indices are unrelated.
  static Random For(std::uint64_t seed, std::uint64_t index) {
    Random mixed(seed * 0x9E3779B97F4A7C15ULL + index);
    return Random(mixed.Bits() ^ (index << 32));
  }

  std::uint64_t Bits() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  double Unit() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }  // [0, 1).
  double Range(double low, double high) { return low + (high - low) * Unit(); }
  bool Chance(double probability) { return Unit() < probability; }

  // Both ends included.  REQUIRES: low <= high.
  int Int(int low, int high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<int>(Bits() % span);
  }

  double Normal() {
    const double radius = std::sqrt(-2 * std::log(1 - Unit()));
    return radius * std::cos(2 * std::numbers::pi * Unit());
  }

  // REQUIRES: not empty.
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(Bits() % items.size())];
  }

  // The index of one weight, by weight.  REQUIRES: at least one weight above 0.
  std::size_t Weighted(const std::vector<double>& weights) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double at = Unit() * sum;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      at -= weights[i];
      if (at < 0) return i;
    }
    return weights.size() - 1;
  }

 private:
  std::uint64_t state_;
};

}  // namespace stillwatch::data
