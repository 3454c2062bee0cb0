// ROUGE-L of one caption; for caption_metrics.cc alone.

#pragma once

#include "model/eval/ngrams.h"

namespace stillwatch::model {

// 0..1.  The best precision and the best recall may come from different references, as in
// coco-caption.
double ScoreRougeL(const CountedCase& c);

}  // namespace stillwatch::model
