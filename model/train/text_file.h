// Small text files of a model folder.

#pragma once

#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// kNotFound: no such file.
[[nodiscard]] Result<std::string> ReadTextFile(const std::string& path);

// Writes beside `path`, syncs, renames: a crash leaves the old file or the new one.
[[nodiscard]] Status WriteTextFile(const std::string& path, std::string_view text);

}  // namespace stillwatch::model
