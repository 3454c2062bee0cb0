// PictureFolder: pictures as files, named by their content.

#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::store {

inline constexpr std::size_t kMaxPictureBytes = std::size_t{16} << 20U;

// <root>/<first 2 digits of SHA-256>/<all 64 digits>.jpg: equal pictures are stored once, and a
// damaged one is known by its name.
//
// Never deletes.  Never creates its root but in Create: a folder that is gone is an unmounted disk,
// not a new start.  Not thread-safe: belongs to its EventStore.
class PictureFolder {
 public:
  explicit PictureFolder(std::filesystem::path root) : root_(std::move(root)) {}
  const std::filesystem::path& root() const { return root_; }

  // Makes an empty folder; one that is there may stay, if no picture is in it.
  Status Create() const;

  // kUnavailable unless the folder is there.
  Status CheckMounted() const;

  // Writes what is not listed in `known` and syncs each folder once.  After OK all are durable.
  struct Picture {
    std::string sha256{};
    std::string_view jpeg{};
  };
  Status Write(const std::vector<Picture>& pictures) const;

  // kDataLoss if the file is missing or is not what its name says.
  [[nodiscard]] Result<std::string> Read(const std::string& sha256) const;

  // Names (without .jpg) of the files that look like pictures; others in `strangers`, by path.
  [[nodiscard]] Result<std::set<std::string>> List(std::vector<std::string>* strangers) const;

 private:
  std::filesystem::path PathOf(const std::string& sha256) const;

  std::filesystem::path root_;
};

}  // namespace stillwatch::store
