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

// <root>/<day>/<SHA-256>.jpg: a damaged picture is known by its name, a person finds those of a
// day, and the pictures of one moment share a folder, which is synced once.
//
// Deletes only what it is told by name, and its folder when that is empty.  Never creates its root
// but in Create: a folder that is gone is an unmounted disk, not a new start.  Not thread-safe:
// belongs to its EventStore.
class PictureFolder {
 public:
  explicit PictureFolder(std::filesystem::path root) : root_(std::move(root)) {}
  const std::filesystem::path& root() const { return root_; }

  // Makes an empty folder; one that is there may stay, if no picture is in it.
  Status Create() const;

  // kUnavailable unless the folder is there.
  Status CheckMounted() const;

  // Where a picture is; `day` is "2026-01-31".
  std::filesystem::path PathOf(const std::string& day, const std::string& sha256) const;

  // After OK all are durable.  What is there already is written again.
  struct Picture {
    std::string sha256{};
    std::string day{};
    std::string_view jpeg{};
  };
  Status Write(const std::vector<Picture>& pictures) const;

  // kDataLoss if the file is missing or is not what its name says.
  [[nodiscard]] Result<std::string> Read(const std::string& day, const std::string& sha256) const;

  // Of one that the database has let go of; one that is not there is fine.
  Status Remove(const std::string& day, const std::string& sha256) const;

  // Moves a file of the folder to <root>/quarantine/<its folder>_<its name>.
  Status Quarantine(const std::filesystem::path& file) const;

  // Paths of all files, as PathOf gives them, the quarantine's left out.
  [[nodiscard]] Result<std::set<std::string>> List() const;

 private:
  std::filesystem::path root_;
};

}  // namespace stillwatch::store
