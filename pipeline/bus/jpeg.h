// JPEG: pictures on the bus and in the store.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/core/frame.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

// At 90 an operator sees no blocks and a 1080p picture has some 0.3 MB.  A guess.
inline constexpr int kJpegQuality = 90;

// kInvalidArgument: the frame has no size, or its bytes do not fit its size.
[[nodiscard]] Result<std::string> EncodeJpeg(const Frame& frame, int quality = kJpegQuality);

// Reads untrusted bytes: size is checked before memory is asked for, and damage is an error, not
// a grey half.  Only width, height and rgb of the frame are set.  kDataLoss: no whole JPEG.
// kResourceExhausted: more than `max_pixels`.
[[nodiscard]] Result<Frame> DecodeJpeg(std::string_view jpeg,
                                       std::int64_t max_pixels = std::int64_t{50} << 20U);

}  // namespace stillwatch::bus
