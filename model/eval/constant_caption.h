// ConstantCaption: the one sentence that scores best if it is said of every pair.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Chosen on the references of training pairs (one list a pair), never on those it is scored on:
// of the 60 most frequent sentences, and 20 spread over the rest, the one with the highest CIDEr-D
// against 400 of the pairs; of equally good ones the shorter.  Deterministic.  A published model
// that does not beat its row has learned the set's habits, not to look.
// kInvalidArgument: no references.
[[nodiscard]] Result<std::string> BestConstantCaption(
    std::span<const std::vector<std::string>> training_references);

}  // namespace stillwatch::model
