// CounterRandom: random numbers that depend on where they are used, not on when.

#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace stillwatch::model {

// A stream named by (seed, purpose, position): step 900 draws the same whether or not the run was
// interrupted before it, without any state to store.  SplitMix64 (Steele et al. 2014).
// (Ours: std::mt19937's distributions differ between standard libraries.)
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t purpose, std::uint64_t position)
      : state_(Mix(Mix(seed ^ 0x9e3779b97f4a7c15ULL * (purpose + 1)) + position)) {}

  std::uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15ULL); }
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }  // [0, 1)
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }
  std::uint64_t Below(std::uint64_t n) { return Next() % n; }  // The bias is below 1e-9 here.
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(1 - Uniform()));
    return radius * std::cos(2 * std::numbers::pi * Uniform());
  }

 private:
  static std::uint64_t Mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace stillwatch::model
