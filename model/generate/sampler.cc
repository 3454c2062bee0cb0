#include "model/generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stillwatch::model {

double LogSumExp(std::span<const float> logits) {
  const float top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float x : logits) sum += std::exp(x - top);
  return static_cast<double>(top) + std::log(sum);
}

Choice Likeliest(std::span<const float> logits) {
  const auto best = std::max_element(logits.begin(), logits.end());
  return {.id = static_cast<int>(best - logits.begin()),
          .log_probability = static_cast<float>(*best - LogSumExp(logits))};
}

std::vector<Choice> Likeliest(std::span<const float> logits, int count) {
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto wanted = std::min(static_cast<std::size_t>(count), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted), order.end(),
                    [&](int a, int b) {
                      const float x = logits[static_cast<std::size_t>(a)];
                      const float y = logits[static_cast<std::size_t>(b)];
                      return x != y ? x > y : a < b;
                    });
  const double all = LogSumExp(logits);
  std::vector<Choice> best;
  for (std::size_t i = 0; i < wanted; ++i) {
    best.push_back(
        {.id = order[i],
         .log_probability = static_cast<float>(logits[static_cast<std::size_t>(order[i])] - all)});
  }
  return best;
}

Choice Sampler::Draw(std::span<const float> logits) {
  const float top = *std::max_element(logits.begin(), logits.end());
  weights_.resize(logits.size());
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    weights_[i] = std::exp(static_cast<double>(logits[i] - top) / temperature_);
    sum += weights_[i];
  }
  order_.resize(logits.size());
  std::iota(order_.begin(), order_.end(), 0);
  double kept = sum;
  if (top_p_ < 1) {
    // What is below this share of the best token cannot be needed: all of it together has less
    // than the 1 - top_p that is cut off.  It keeps the sort short for large vocabularies.
    const double floor = (1 - top_p_) * sum / static_cast<double>(logits.size());
    std::erase_if(order_, [&](int id) { return weights_[static_cast<std::size_t>(id)] < floor; });
    std::sort(order_.begin(), order_.end(), [&](int a, int b) {
      const double x = weights_[static_cast<std::size_t>(a)];
      const double y = weights_[static_cast<std::size_t>(b)];
      return x != y ? x > y : a < b;
    });
    kept = 0;
    std::size_t n = 0;
    while (n < order_.size() && (n == 0 || kept < top_p_ * sum)) {
      kept += weights_[static_cast<std::size_t>(order_[n++])];
    }
    order_.resize(n);
  }
  const double lot = static_cast<double>(random_() >> 11) * 0x1p-53 * kept;
  double passed = 0;
  int id = order_.back();
  for (const int candidate : order_) {
    passed += weights_[static_cast<std::size_t>(candidate)];
    if (lot < passed) {
      id = candidate;
      break;
    }
  }
  return {.id = id,
          .log_probability =
              static_cast<float>(logits[static_cast<std::size_t>(id)] - LogSumExp(logits))};
}

}  // namespace stillwatch::model
