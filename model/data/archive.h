// Archive: the files of a Sweet Home 3D furniture library (a zip archive).

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::data {

// Reads single files out of one archive (minizip).
//
// Not thread-safe: one archive belongs to one thread.
class Archive {
 public:
  // kNotFound: no such file.  kDataLoss: not a zip archive.  Both name it.
  [[nodiscard]] static Result<Archive> Open(const std::filesystem::path& file);

  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;
  ~Archive();

  // The unpacked bytes of `name` ("scopia/cone/cone.obj").  kNotFound, or kDataLoss for a broken
  // entry or one above 64 MiB; the message names archive and entry.
  [[nodiscard]] Result<std::vector<std::uint8_t>> Read(const std::string& name) const;

  // Every file below the folder of `name`, itself included, by its name in the archive.
  [[nodiscard]] Result<std::map<std::string, std::vector<std::uint8_t>>> ReadFolderOf(
      const std::string& name) const;

 private:
  struct Impl;
  explicit Archive(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::data
