// CIDEr-D of a set of captions; for caption_metrics.cc alone.

#pragma once

#include <span>
#include <vector>

#include "model/eval/ngrams.h"

namespace stillwatch::model {

// 0..10, case by case.
std::vector<double> ScoreCider(std::span<const CountedCase> cases);

}  // namespace stillwatch::model
