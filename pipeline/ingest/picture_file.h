// ReadPicture: one picture file as RGB.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::ingest {

struct DecodedPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb{};  // As Frame::rgb.
};

// kUnavailable: not readable.  kDataLoss: no picture, or cut off.
[[nodiscard]] Result<DecodedPicture> ReadPicture(const std::string& path);

}  // namespace stillwatch::ingest
