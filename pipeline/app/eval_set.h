// EvalSet: pairs of whole pictures whose truth people wrote down, for `stillwatch eval`.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/eval/eval_case.h"
#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct EvalPair {
  model::EvalCase truth{};  // Its answer is empty.
  FramePtr reference{};
  FramePtr current{};
  std::vector<Region> regions{};  // Where the model is told to look; empty: the whole picture.
};

struct EvalSet {
  std::string name{};
  std::vector<EvalPair> pairs{};
};

// CLEVR-Change triples: truth.json beside images/, sc_images/ (something changed) and nsc_images/
// (camera and light alone).  Every triple gives a changed and an unchanged pair, shown whole.  The
// truth's entries say kind, thing and the new colour; triples without one are told to have changed.
[[nodiscard]] Result<EvalSet> ReadClevrTriples(const std::filesystem::path& folder);

// The pairs that a truth file of footage lists (pipeline/score/README.md): frames of the clip at
// the listed numbers, or pictures by name ("verified_events").  A changed pair is shown with the
// boxes of its changes as regions.  An unchanged one is shown whole, and again at each place where
// something changes at another time; pictures with an occupancy.json beside them are also shown
// at four bays that the labels call unchanged.
[[nodiscard]] Result<EvalSet> ReadFootageTruth(const std::filesystem::path& file);

// Whatever lies at `path`: one of the above, or a folder that holds truth files at any depth.
// kInvalidArgument: none of them.
[[nodiscard]] Result<EvalSet> ReadEvalSet(const std::filesystem::path& path);

}  // namespace stillwatch::app
