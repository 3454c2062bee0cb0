// Sensor: from light to the 8-bit picture of a cheap surveillance camera.

#pragma once

#include <cstdint>
#include <vector>

#include "samples/maker/render.h"

namespace stillwatch::sample {

// Shake (at most half a pixel), vignette, exposure, noise and gamma.
// kHeight rows of kWidth BGR pixels, as OpenCV writes them.
std::vector<std::uint8_t> Develop(const Picture& picture, int frame, float exposure,
                                  std::uint32_t seed);

}  // namespace stillwatch::sample
