// Schema: the accepted configuration as JSON Schema, for editors.

#pragma once

#include <string>

namespace stillwatch::config {

// JSON Schema (2020-12), generated from the same key tables as the checks of Load.  It is
// config/stillwatch.schema.json, byte for byte (a test holds them together).
std::string Schema();

}  // namespace stillwatch::config
