// Difference: how much two pictures of one scene differ at each pixel, once light and shake are
// out.

#pragma once

#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

struct DifferencePolicy {
  double noise = 1;      // Standard deviation of one picture, grey levels.
  double tolerance = 1;  // Scales the thresholds: below 1 more is seen.
};

// A float plane: 1 is the upper of the two thresholds, kLowScore the lower.
Image ScoreOf(const WorkingPicture& reference, const WorkingPicture& present,
              const DifferencePolicy& policy);

inline constexpr float kLowScore = 0.5f;

}  // namespace stillwatch::select
