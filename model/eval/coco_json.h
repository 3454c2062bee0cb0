// CocoJson: reads captions from the files that coco-caption reads.

#pragma once

#include <string_view>
#include <vector>

#include "model/eval/caption_metrics.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// `references`: {"annotations": [{"image_id", "caption"}, ...]}.  `hypotheses`: [{"image_id",
// "caption"}, ...], one for each image of `references` and no other.  An image_id is a text or a
// whole number.  The cases come in the order of their first reference.
//
// kDataLoss names the entry and what was expected.  Thread-safe.
[[nodiscard]] Result<std::vector<CaptionCase>> ParseCocoCaptions(std::string_view references,
                                                                 std::string_view hypotheses);

// The references alone: cases without a hypothesis.
[[nodiscard]] Result<std::vector<CaptionCase>> ParseCocoReferences(std::string_view references);

}  // namespace stillwatch::model
