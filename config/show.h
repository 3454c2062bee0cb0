// Show: a configuration as YAML again.

#pragma once

#include <string>

#include "config/config.h"

namespace stillwatch::config {

// The effective configuration, every default filled in, as `stillwatch config show` prints it.
// Secrets stay {ENVIRONMENT_VARIABLE}s.  Load reads it back to the same Config.
std::string Show(const Config& config);

}  // namespace stillwatch::config
