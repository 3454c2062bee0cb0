// Unchanged: how likely "nothing changed" is, from the decoder's own probabilities.

#pragma once

#include <span>
#include <utility>
#include <vector>

namespace stillwatch::model {

// For checkpoints without a verdict head (LLaVA-OneVision's family).  The decoder is asked twice of
// the same prompt: how likely it finds its caption, and how likely a sentence that says that
// nothing changed.  Both are mean log-probabilities a token (Generated::MeanLogProbability), so
// that a long caption is not unlikely for its length alone.

// Turns the difference of the two into a probability: 1 / (1 + exp(-(slope * difference +
// offset))).
struct UnchangedCalibration {
  // Slope 1, offset 0 are no measurement, a guess: fit them on pairs of one's own (FitUnchanged).
  double slope = 1;
  double offset = 0;
};

// 0..1; 0.5 with the guess above where both sentences are equally likely.
double UnchangedProbability(double unchanged_mean, double caption_mean,
                            const UnchangedCalibration& calibration);

// The calibration under which the labelled differences (unchanged_mean - caption_mean, and whether
// nothing had changed) are likeliest: Platt's method, with his smoothed targets, so that labels
// that can be told apart perfectly do not make the slope infinite.  The guess, if one label is
// missing.
UnchangedCalibration FitUnchanged(std::span<const std::pair<double, bool>> labelled);

}  // namespace stillwatch::model
