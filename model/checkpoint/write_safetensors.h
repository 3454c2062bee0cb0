// WriteSafetensors: stores tensors as one .safetensors file, whole or not at all.

#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "model/checkpoint/dtype.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct NamedTensor {
  std::string name{};
  TensorView view{};  // Borrowed until the call returns.
};

// Writes to a temporary file beside `path`, syncs it, and renames it over `path`: a reader or a
// crash meets the old file or the new one, never half of one.  The same tensors and metadata give
// the same bytes, in whatever order they come: larger element types first (so that each tensor is
// aligned to its elements), then by name.
//
// kInvalidArgument: a name twice, "__metadata__" or not UTF-8; bytes that do not fit a shape.
// kNotFound: no such folder.  kUnavailable, kResourceExhausted (disk full): the file system's text.
// Thread-safe.
[[nodiscard]] Status WriteSafetensors(const std::filesystem::path& path,
                                      std::span<const NamedTensor> tensors,
                                      const std::map<std::string, std::string>& metadata = {});

}  // namespace stillwatch::model
