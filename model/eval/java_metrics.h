// JavaMetrics: METEOR and SPICE by the programs of their authors.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/eval/caption_metrics.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct JavaOptions {
  std::string jar{};
  std::string java = "java";
};

struct JavaScores {
  double corpus = 0;           // 0..1
  std::vector<double> each{};  // In the order of the cases.
};

// METEOR 1.5 with coco-caption's settings (English, normalised), on PtbTokens of both sides.  The
// corpus figure is METEOR's own, from summed statistics, not the mean.  `jar` is meteor-1.5.jar
// with the folder data/ of its release beside it.  kUnavailable: Java or the jar does not run, or
// says what nobody understands; the message holds what it said.
[[nodiscard]] Result<JavaScores> ScoreMeteor(std::span<const CaptionCase> cases,
                                             const JavaOptions& options);

// SPICE 1.0 as coco-caption runs it: the mean F of all tuples.  `jar` is spice-1.0.jar with the
// folder lib/ beside it, CoreNLP 3.6 in there (its release says where to get it); needs 8 GiB.
[[nodiscard]] Result<JavaScores> ScoreSpice(std::span<const CaptionCase> cases,
                                            const JavaOptions& options);

}  // namespace stillwatch::model
