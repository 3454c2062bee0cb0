// Durable files: what was written is there after a power cut, whole or not at all.

#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch::store {

// The Status of a failed system call: full disks are kResourceExhausted, a missing file is
// kNotFound, the rest kUnavailable.
Status ErrnoStatus(int error, std::string_view action, const std::filesystem::path& path);

struct NewFile {
  std::filesystem::path path{};
  std::string_view bytes{};
};

// Writes files by way of temporary ones beside them (".<name>.<random>.tmp"), fsynced before they
// take their names.  The names are durable after SyncFolder.  On failure no temporary file is left.
Status WriteFilesWhole(std::span<const NewFile> files);

// Makes the names in a folder durable.
Status SyncFolder(const std::filesystem::path& folder);
// Makes a file's content durable.
Status SyncFile(const std::filesystem::path& file);

// kNotFound if there is none; kDataLoss if it is longer than `limit` bytes.
[[nodiscard]] Result<std::string> ReadFileWhole(const std::filesystem::path& path,
                                                std::size_t limit);

}  // namespace stillwatch::store
