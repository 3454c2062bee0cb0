// Frame: one decoded picture of one camera, immutable and shared.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/time.h"

namespace stillwatch {

// Every field has a default, so that designated initialisers may name only some of them.
struct Frame {
  std::string camera{};
  TimePoint captured_at{};                        // Stamped by the source.
  std::optional<std::int64_t> index{};            // 0-based decode index, where the source has one.
  std::optional<std::chrono::nanoseconds> pts{};  // Stream time, where the source has one.
  int width = 0;                                  // Pixels.
  int height = 0;
  std::vector<std::uint8_t> rgb{};  // width * height * 3 bytes, row-major, no padding.
};

// Shared: a frame may be the reference of one event and the current picture of another.
using FramePtr = std::shared_ptr<const Frame>;

}  // namespace stillwatch
