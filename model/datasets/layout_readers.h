// LayoutReaders: one function for each published layout; for layout.cc alone.

#pragma once

#include <string>
#include <vector>

#include "model/datasets/layout.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

using LayoutPairs = Result<std::vector<LayoutPair>>;

// Each reads the annotations under `folder` as they are; layout.cc checks the pairs.
LayoutPairs ReadSpotTheDiff(const std::string& folder);
LayoutPairs ReadImageEditing(const std::string& folder);
LayoutPairs ReadBirdsToWords(const std::string& folder);
LayoutPairs ReadClevrChange(const std::string& folder);
LayoutPairs ReadClevrDc(const std::string& folder);
LayoutPairs ReadOmniDiff(const std::string& folder);
LayoutPairs ReadLlava(const std::string& folder);

}  // namespace stillwatch::model
