#include "model/eval/verdict_metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace stillwatch::model {

double AreaUnderCurve(std::span<const float> scores, const std::vector<bool>& positive) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0;
  double positives = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && scores[order[last]] == scores[order[first]]) ++last;
    const double rank = (static_cast<double>(first + last) + 1) / 2;  // Mean rank of the tie.
    for (std::size_t i = first; i < last; ++i) {
      if (!positive[order[i]]) continue;
      rank_sum += rank;
      ++positives;
    }
    first = last;
  }
  const double negatives = static_cast<double>(order.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

double RecallAtFalseAlarms(std::span<const float> scores, const std::vector<bool>& positive,
                           double rate) {
  std::vector<float> positives;
  std::vector<float> negatives;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    (positive[i] ? positives : negatives).push_back(scores[i]);
  }
  if (positives.empty()) return 0;
  const auto allowed = static_cast<std::size_t>(rate * static_cast<double>(negatives.size()));
  if (allowed >= negatives.size()) return 1;
  std::sort(negatives.begin(), negatives.end(), std::greater<>());
  const float threshold = negatives[allowed];  // The first that must not be above it.
  const auto found = std::count_if(positives.begin(), positives.end(),
                                   [threshold](float score) { return score > threshold; });
  return static_cast<double>(found) / static_cast<double>(positives.size());
}

Reliability MeasureReliability(std::span<const double> probabilities,
                               const std::vector<bool>& positive) {
  Reliability bins;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const auto bin =
        std::min(static_cast<std::size_t>(probabilities[i] * kReliabilityBins), bins.size() - 1);
    ++bins[bin].count;
    bins[bin].said += probabilities[i];
    bins[bin].seen += positive[i] ? 1 : 0;
  }
  for (ReliabilityBin& bin : bins) {
    if (bin.count == 0) continue;
    bin.said /= static_cast<double>(bin.count);
    bin.seen /= static_cast<double>(bin.count);
  }
  return bins;
}

double CalibrationError(const Reliability& reliability) {
  double error = 0;
  double count = 0;
  for (const ReliabilityBin& bin : reliability) {
    error += static_cast<double>(bin.count) * std::abs(bin.said - bin.seen);
    count += static_cast<double>(bin.count);
  }
  return count == 0 ? 0 : error / count;
}

double CalibrationError(std::span<const double> probabilities, const std::vector<bool>& positive) {
  return CalibrationError(MeasureReliability(probabilities, positive));
}

}  // namespace stillwatch::model
