// ModelFolder: config and weights of a model on disk, without LibTorch.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/checkpoint/checkpoint.h"
#include "model/m3diff/config.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct ModelFolder {
  M3DiffConfig config{};
  Checkpoint checkpoint;
  std::string fingerprint{};  // "sha256:" and the digest of the weights' file.
};

// kNotFound: no such folder, or a file is missing.  kDataLoss: config.json or the weights do not
// parse; the message names file and key or tensor.
[[nodiscard]] Result<ModelFolder> OpenModelFolder(const std::string& folder);

// What `stillwatch model info` shows.
struct ModelDescription {
  std::string name{};
  std::string fingerprint{};
  std::string config{};  // The text of config.json, as it was understood.
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;  // Of the weights.
};
[[nodiscard]] Result<ModelDescription> DescribeModel(const std::string& folder);

}  // namespace stillwatch::model
