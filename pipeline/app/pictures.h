// Pictures: files as frames, and where two of them differ.

#pragma once

#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

// kNotFound: no such file.  kDataLoss: no picture that OpenCV reads.
[[nodiscard]] Result<FramePtr> ReadPicture(const std::string& path);

// The regions that the pair selector reports if the one picture is the settled past and the other
// the settled present; where it reports none, those that it took for a change of light.  Empty: it
// sees no difference, or the pictures differ in size or viewpoint.
std::vector<Region> RegionsBetween(const Frame& reference, const Frame& current);

}  // namespace stillwatch::app
