// When a file was last written, in our time.

#pragma once

#include <string>

#include "pipeline/core/time.h"

namespace stillwatch::ingest {

// The modification time of `path`; now for what is no local file.
TimePoint ModifiedAt(const std::string& path);

}  // namespace stillwatch::ingest
