// Time points, and their text forms: RFC 3339 for times, `2s` or `30d` for durations.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch {

// Wall-clock time of capture.  Stamped once, at the source; nothing downstream asks for "now".
using TimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

// "2026-01-01T08:00:02.120Z": UTC, milliseconds, always 24 characters for years 0 to 9999.
std::string FormatTime(TimePoint time);

// Reads RFC 3339 with `Z` or an offset ("2026-01-01T08:00:02+01:00"), seconds with or without a
// fraction; also a plain date ("2026-01-01", midnight UTC).  kInvalidArgument otherwise.
[[nodiscard]] Result<TimePoint> ParseTime(std::string_view text);

// "250ms", "2s", "5min", "12h", "30d"; an integer or decimal followed by its unit.
std::string FormatDuration(std::chrono::nanoseconds duration);
[[nodiscard]] Result<std::chrono::nanoseconds> ParseDuration(std::string_view text);

}  // namespace stillwatch
