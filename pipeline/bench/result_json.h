// ResultJson: figures of a clip or of several, as one JSON object per line.

#pragma once

#include <string>

#include "pipeline/bench/run_clip.h"
#include "pipeline/bench/totals.h"

namespace stillwatch::bench {

// README.md of this folder describes both.
std::string ResultJson(const ClipResult& result);
std::string TotalsJson(const Totals& totals);

}  // namespace stillwatch::bench
