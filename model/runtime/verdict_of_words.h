// VerdictOfWords: whether something changed, from the words of a decoder without a verdict head.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/generate/options.h"
#include "model/generate/unchanged.h"

namespace stillwatch::model {

// Sentences that say that nothing has changed, as change captioners are taught to say it
// (CLEVR-Change, LEVIR-CC, Spot-the-Diff and CCExpert's data).  A choice, not a measurement.
// Their probabilities are asked for beside the caption's (GenerateOptions::also).
std::vector<std::string_view> NothingChangedSentences();

// Whether a caption itself says so.
bool SaysNothingChanged(std::string caption);

struct VerdictOfWords {
  bool changed = false;
  double changed_probability = 0;  // As good as `calibration` is.
};

// Holds the caption against the likeliest of the sentences (unchanged.h).  A caption that says that
// nothing has changed is counted on their side, however it is worded.
// REQUIRES: written.also are the probabilities of the sentences.
VerdictOfWords JudgeWords(const std::string& caption, const Generated& written,
                          const UnchangedCalibration& calibration);

}  // namespace stillwatch::model
