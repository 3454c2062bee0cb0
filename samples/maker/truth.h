// Truth: what the clip shows, in the format that `stillwatch scan --truth` reads.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "samples/maker/timeline.h"

namespace stillwatch::sample {

using Box = std::array<int, 4>;  // x, y, w, h in pixels.

// Where the changing things of one resting state stand in the picture.
struct Seen {
  std::array<std::optional<Box>, 3> things{};  // By Thing.
};

// seen[i] belongs to States()[i].
std::string TruthJson(const std::string& media, const std::vector<Seen>& seen);

}  // namespace stillwatch::sample
