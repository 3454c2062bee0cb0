// Small files that must be whole: written so that a kill or a loss of power leaves the old or the
// new one.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch {

// Writes `path` + ".new", fsyncs it, renames it to `path` and fsyncs the folder.  A failure names
// the file and leaves the old one.  kResourceExhausted: disk full.  kUnavailable: anything else.
// One writer a path.
Status WriteDurably(const std::string& path, std::string_view bytes);

// kNotFound: no such file.  kUnavailable: not readable, or no regular file.  kResourceExhausted:
// larger than `most_bytes`.
[[nodiscard]] Result<std::string> ReadWhole(const std::string& path, std::size_t most_bytes);

}  // namespace stillwatch
