// ULID: a 26-character identifier that sorts by time.  github.com/ulid/spec.
// (Ours, because Debian has no ULID library; it is 48 bits of time and 80 of entropy in base 32.)

#pragma once

#include <string>
#include <string_view>

#include "pipeline/core/time.h"

namespace stillwatch {

// The ULID of `time` (milliseconds) whose 80 other bits are derived from `identity`: the same time
// and identity give the same ULID, so a change found again after a crash keeps its id.
std::string UlidOf(TimePoint time, std::string_view identity);

// True for 26 characters of Crockford's base 32 that fit 128 bits.
bool IsUlid(std::string_view text);

}  // namespace stillwatch
