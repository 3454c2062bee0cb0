// ScoreCaptions: BLEU, ROUGE-L and CIDEr-D as coco-caption computes them.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// One picture pair: what the model wrote and what people wrote.
struct CaptionCase {
  std::string id{};  // For messages.
  std::string hypothesis{};
  std::vector<std::string> references{};  // At least one.  Empty texts are fine.
};

struct CaptionScore {
  double bleu_4 = 0;  // Of the one sentence, smoothed with 1e-15 as coco-caption does.
  double rouge_l = 0;
  double cider = 0;  // On its 0..10 scale; papers print it times 100.
};

struct CaptionScores {
  std::array<double, 4> bleu{};  // BLEU-1 to BLEU-4, of the whole set.
  double rouge_l = 0;            // Means over the cases.
  double cider = 0;
  std::int64_t hypothesis_tokens = 0;
  std::int64_t reference_tokens = 0;  // Of the reference closest in length, case by case.
  std::vector<CaptionScore> each{};   // In the order of the cases.
};

// CIDEr's word weights come from the references of this set: a case scores differently in another
// set, and in a set of one case CIDEr is 0.  kInvalidArgument: no cases, or one without references.
// Thread-safe.
[[nodiscard]] Result<CaptionScores> ScoreCaptions(std::span<const CaptionCase> cases);

}  // namespace stillwatch::model
