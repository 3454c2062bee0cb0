// DecodeOnly: what decoding a video costs, without anything else.

#pragma once

#include <filesystem>

#include "pipeline/core/status.h"

namespace stillwatch::bench {

// CPU seconds that this process spends while `uridecodebin ! fakesink` plays the file as fast as it
// can; every frame is decoded, none is converted.  The caller runs nothing else meanwhile.
// kUnavailable: it cannot be decoded.
[[nodiscard]] Result<double> DecodeOnly(const std::filesystem::path& video);

// CPU seconds of this process up to now, all threads.
double ProcessCpuSeconds();

// CPU seconds of this thread up to now.
double ThreadCpuSeconds();

}  // namespace stillwatch::bench
