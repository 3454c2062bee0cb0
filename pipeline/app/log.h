// Log: what long-running commands say about themselves, on stderr.

#pragma once

#include <string>

namespace stillwatch::app {

enum class LogLevel { kInfo, kWarning, kError };

// "2026-01-01T08:00:02.120Z warning text".  $STILLWATCH_LOG_LEVEL (trace, debug, info, warning,
// error, off) sets what is shown; info otherwise.  Thread-safe.
void Log(LogLevel level, const std::string& text);

}  // namespace stillwatch::app
