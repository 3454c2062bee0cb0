// CheckJson: refuses JSON that parsers would take in silence.

#pragma once

#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Reads `text` once without building anything and fails with kDataLoss (byte position or key in
// the message) unless it is one well-formed JSON value in UTF-8, nested at most `max_depth` deep,
// in which no object has a key twice.  nlohmann::json would keep the last of two equal keys, so a
// file could show one tensor to a checker and another to us.
//
// After it, nlohmann::json::parse(text) does not throw for its syntax.  Thread-safe.
[[nodiscard]] Status CheckJson(std::string_view text, int max_depth = 16);

}  // namespace stillwatch::model
