// Summarise: what a model folder holds, for people (`stillwatch model info`).

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/dtype.h"
#include "model/checkpoint/naming.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct ModelSummary {
  std::string architecture{};  // config.json's `architectures[0]`, or else its `name`.
  Naming naming = Naming::kUnknown;
  int files = 0;
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;  // Elements of all tensors.
  std::int64_t bytes = 0;
  std::map<Dtype, std::int64_t> bytes_by_dtype{};
  std::int64_t vocabulary = 0;  // Rows of the word embedding; 0 if there is none.
  int text_layers = 0;          // Of the decoder.
  int vision_layers = 0;        // Of the SigLIP encoder; 0 for other towers.
  bool tied_head = false;       // The word embedding is the output matrix, too.
  bool has_mdp = false;         // A difference module is there: M3Diff, not plain LLaVA-OneVision.
};

// Reads headers only.  Fails as Checkpoint::Open does; a config.json that is missing leaves
// `architecture` empty, one that does not parse is kDataLoss.
[[nodiscard]] Result<ModelSummary> Summarise(const std::filesystem::path& folder);

}  // namespace stillwatch::model
