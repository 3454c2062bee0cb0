// Sprite: a thing cut out, ready to be put into a picture.

#pragma once

#include <string>

#include "model/data/image.h"

namespace stillwatch::data {

// One view of one thing.  The shadow lies on the ground it stands on.
struct Sprite {
  Image rgba{};
  Image shadow{};       // 1 channel, same size: how much of the light the thing takes, 0 = none.
  double anchor_x = 0;  // The point of the ground below the thing's middle, pixels of rgba.
  double anchor_y = 0;
  double px_per_m = 0;  // Pixels of rgba per metre.
};

}  // namespace stillwatch::data
