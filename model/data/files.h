// Whole files: read at once, written so that a reader sees the old or the new, never a half.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch::data {

// kNotFound or kUnavailable, naming the file.
[[nodiscard]] Result<std::string> ReadWhole(const std::filesystem::path& file);

// Writes beside the file, then renames.  kUnavailable, naming the file.
[[nodiscard]] Status WriteWhole(const std::filesystem::path& file, std::string_view text);

}  // namespace stillwatch::data
