// Names of pictures: their natural order, and the time that a name tells.

#pragma once

#include <optional>
#include <string_view>

#include "pipeline/core/time.h"

namespace stillwatch::ingest {

// True for the file endings that OpenCV reads here, in any case.
bool HasPictureEnding(std::string_view name);

// "9.jpg" before "10.jpg": runs of digits compare as numbers, the rest byte by byte.
bool NaturallyBefore(std::string_view a, std::string_view b);

// The time in a file name, its ending left off, read as UTC:
//   1366030801, 1366030801123                  unix seconds or milliseconds, the whole name
//   20260101_080002, 2026-01-01T08-00-02       anywhere in the name, any or no separators
std::optional<TimePoint> TimeInName(std::string_view name);

}  // namespace stillwatch::ingest
