// BLEU of a set of captions; for caption_metrics.cc alone.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/eval/ngrams.h"

namespace stillwatch::model {

struct BleuScores {
  std::array<double, kMaxNgram> corpus{};  // From the summed counts, not a mean.
  std::vector<double> bleu_4{};            // Case by case.
  std::int64_t hypothesis_tokens = 0;
  std::int64_t reference_tokens = 0;
};

BleuScores ScoreBleu(std::span<const CountedCase> cases);

}  // namespace stillwatch::model
