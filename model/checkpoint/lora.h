// LoraAdapter: low-rank changes to a network's weights, as PEFT stores them.

#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "model/checkpoint/safetensors.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// weight + scale * b * a.
struct LoraDelta {
  TensorView a{};  // [rank, in]
  TensorView b{};  // [out, rank]
  double scale = 1;
  std::string name{};  // In the file, for messages.
};

// A folder with adapter_config.json and adapter_model.safetensors.  The keys are canonical
// (naming.h), from whatever naming the adapter was trained on.  The views are valid while the
// object, or what it was moved into, lives.  Thread-safe once open.
struct LoraAdapter {
  // kNotFound: no such files.  kDataLoss: they do not fit together.  kInvalidArgument: a kind of
  // adapter that is more than a low-rank product (DoRA, embeddings).  Messages name file and key or
  // tensor.
  [[nodiscard]] static Result<LoraAdapter> Open(const std::filesystem::path& folder);

  std::filesystem::path path{};  // Of the weights.
  SafetensorsFile file;
  std::map<std::string, LoraDelta, std::less<>> deltas{};
  TensorMap replaced{};      // Tensors that training replaced whole (modules_to_save, biases).
  std::string base_model{};  // What it says it was trained on; may be empty.
};

}  // namespace stillwatch::model
