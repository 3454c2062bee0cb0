// MappedFile: a file's bytes without reading it into memory.

#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// A whole regular file, mapped read-only and private.
//
// The bytes stay valid, and at the same address, while the object or what it was moved into lives.
// A file that somebody truncates meanwhile raises SIGBUS on access: checkpoints are replaced by
// rename (WriteSafetensors does), never changed in place.
//
// Thread-safe once open.
class MappedFile {
 public:
  // kNotFound: no such file.  kInvalidArgument: no regular file.  kUnavailable: not readable.
  [[nodiscard]] static Result<MappedFile> Open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}

  const std::byte* data_ = nullptr;  // Null for an empty file: mmap refuses a length of 0.
  std::size_t size_ = 0;
};

// Tells the system that these bytes of a mapping will not be read soon: the whole pages among them
// leave this process's memory, and come back from the file when they are read again.
void DropPages(std::span<const std::byte> bytes);

}  // namespace stillwatch::model
