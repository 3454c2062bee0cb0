// PrivacyMask: blackens parts of a picture as soon as it is decoded.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/core/polygon.h"
#include "pipeline/core/status.h"

namespace stillwatch::ingest {

// kInvalidArgument unless every mask has at least three points within 0..1.
Status CheckPrivacyMasks(const std::vector<Polygon>& masks);

// Sets every pixel that a mask touches to black, and at most three pixels around it.
// REQUIRES: rgb holds width * height * 3 bytes.
void BurnIn(const std::vector<Polygon>& masks, std::span<std::uint8_t> rgb, int width, int height);

}  // namespace stillwatch::ingest
