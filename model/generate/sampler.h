// Sampler: one token out of a row of logits.

#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace stillwatch::model {

struct Choice {
  int id = 0;
  float log_probability = 0;
};

// log(sum(exp(logits))).  REQUIRES: not empty.
double LogSumExp(std::span<const float> logits);

// The likeliest token; of equals the first.  REQUIRES: not empty.
Choice Likeliest(std::span<const float> logits);

// The `count` likeliest, best first; of equals the lower id first.
std::vector<Choice> Likeliest(std::span<const float> logits, int count);

// Draws tokens by temperature and top-p.  The same seed draws the same tokens everywhere: the
// generator is std::mt19937_64, and no distribution of the standard library (whose results differ
// between libraries) is used.
//
// Not thread-safe: one belongs to one caption.
class Sampler {
 public:
  // REQUIRES: temperature > 0, 0 < top_p <= 1.
  Sampler(double temperature, double top_p, std::uint64_t seed)
      : temperature_(temperature), top_p_(top_p), random_(seed) {}

  // The log-probability is the decoder's own: without temperature and top-p.
  Choice Draw(std::span<const float> logits);

 private:
  const double temperature_;
  const double top_p_;
  std::mt19937_64 random_;
  std::vector<int> order_;  // Kept for its memory.
  std::vector<double> weights_;
};

}  // namespace stillwatch::model
