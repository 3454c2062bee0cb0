// Checkpoint: the tensors of a model folder, in one file or in shards.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/safetensors.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// The weights of one folder: `model.safetensors`, or the shards that
// `model.safetensors.index.json` lists (where both exist, the single file).
//
// The index is not trusted: a shard must lie in the folder itself, hold every tensor the index
// says it holds, and no tensor that the index gives to another shard or does not know.
//
// The views are valid while the object, or what it was moved into, lives.  Thread-safe once open.
class Checkpoint {
 public:
  // `path`: a folder, or one .safetensors file.  kNotFound: neither weights nor an index there;
  // otherwise as SafetensorsFile::Open.  The message names file, tensor and what was expected.
  [[nodiscard]] static Result<Checkpoint> Open(const std::filesystem::path& path);

  // Null if there is no such tensor.
  const TensorView* Find(std::string_view name) const;

  // The tensor, which must have this shape.  kNotFound or kDataLoss, naming it.
  [[nodiscard]] Result<TensorView> Get(std::string_view name,
                                       std::span<const std::int64_t> shape) const;

  const TensorMap& tensors() const { return tensors_; }

  // In the order of their names.  More than one: shards.
  const std::vector<std::filesystem::path>& files() const { return paths_; }

 private:
  Checkpoint() = default;

  std::string label_;  // For messages: what was opened.
  std::vector<std::filesystem::path> paths_;
  std::vector<SafetensorsFile> files_;
  TensorMap tensors_;  // Of all files; borrows from them.
};

}  // namespace stillwatch::model
