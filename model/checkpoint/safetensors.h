// SafetensorsFile: the tensors of one .safetensors file, by name.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "model/checkpoint/dtype.h"
#include "model/checkpoint/mapped_file.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

using TensorMap = std::map<std::string, TensorView, std::less<>>;

// What a file says: its tensors, and the texts under "__metadata__".
struct SafetensorsContent {
  TensorMap tensors{};
  std::map<std::string, std::string, std::less<>> metadata{};
};

// Reads a file that is in memory already; the views borrow from `file`.  The file is not trusted:
// kDataLoss for a header that is too long, no JSON, nested, ambiguous or of unknown types, for
// shapes that do not fit their bytes, and for offsets that overlap, leave gaps or leave the file.
// The message starts with `label` and names the tensor and what was expected.
[[nodiscard]] Result<SafetensorsContent> ParseSafetensors(std::span<const std::byte> file,
                                                          std::string_view label);

// One open file.  Memory-mapped: opening costs the header only, and the pages that nobody reads
// cost nothing.  The views are valid while the object, or what it was moved into, lives.
//
// Thread-safe once open.
class SafetensorsFile {
 public:
  // Fails as MappedFile::Open and ParseSafetensors do.
  [[nodiscard]] static Result<SafetensorsFile> Open(const std::filesystem::path& path);

  // Null if there is no such tensor.
  const TensorView* Find(std::string_view name) const;

  const TensorMap& tensors() const { return content_.tensors; }
  const std::map<std::string, std::string, std::less<>>& metadata() const {
    return content_.metadata;
  }

 private:
  SafetensorsFile(MappedFile file, SafetensorsContent content)
      : file_(std::move(file)), content_(std::move(content)) {}

  MappedFile file_;
  SafetensorsContent content_;
};

}  // namespace stillwatch::model
