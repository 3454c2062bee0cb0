// VerdictMetrics: how well a probability of "changed" tells changed pairs from unchanged ones.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stillwatch::model {

// Probability that a positive scores above a negative (ties count half); 0.5 if one side is empty.
double AreaUnderCurve(std::span<const float> scores, const std::vector<bool>& positive);

// The largest share of the positives that some threshold finds while at most `rate` (0..1) of the
// negatives lie above it.  0 without positives; 1 without negatives.
double RecallAtFalseAlarms(std::span<const float> scores, const std::vector<bool>& positive,
                           double rate);

// A reliability plot's bars: what was said, and what was true.
struct ReliabilityBin {
  std::int64_t count = 0;
  double said = 0;  // Mean probability.
  double seen = 0;  // Share of positives.
};
inline constexpr std::size_t kReliabilityBins = 10;  // Equal parts of 0..1.
using Reliability = std::array<ReliabilityBin, kReliabilityBins>;

Reliability MeasureReliability(std::span<const double> probabilities,
                               const std::vector<bool>& positive);

// Mean distance of said and seen, weighted by count: the expected calibration error, 0..1.
double CalibrationError(const Reliability& reliability);
double CalibrationError(std::span<const double> probabilities, const std::vector<bool>& positive);

}  // namespace stillwatch::model
