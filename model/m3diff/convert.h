// ConvertModel: a model folder as another folder, in another number format, naming or cut.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pipeline/core/status.h"

namespace stillwatch::model {

struct ConvertOptions {
  std::filesystem::path model{};    // The folder to read; stays as it is.
  std::filesystem::path adapter{};  // A LoRA adapter to merge; empty: the folder's own, if any.
  std::filesystem::path out{};      // The folder to write: new, or empty.
  std::string dtype{};              // fp32, fp16, bf16; empty: each tensor keeps its own.
  std::string naming{};             // A word of naming.h; empty: as it is.
  std::int64_t max_shard_bytes = 4LL << 30;  // More weights than this become several files.
};

struct ConvertReport {
  std::int64_t tensors = 0;
  std::int64_t bytes = 0;
  int files = 0;
  int left_out = 0;  // Tensors that are no part of the network.
};

// Memory: one shard.  config.json is written last: a folder that was not finished is no model.
//
// kInvalidArgument: an option, or numbers that do not fit fp16.  kNotFound, kDataLoss: the model;
// kResourceExhausted, kUnavailable: the disk.
[[nodiscard]] Result<ConvertReport> ConvertModel(const ConvertOptions& options);

}  // namespace stillwatch::model
