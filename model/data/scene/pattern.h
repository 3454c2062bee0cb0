// PatternColor: what a floor or a wall looks like at one point.

#pragma once

#include "model/data/scene/stage.h"

namespace stillwatch::data {

// Linear light.  Patterns lie in the plane that the normal is nearest to.
Vec PatternColor(const Surface& surface, const Vec& at, const Vec& normal);

}  // namespace stillwatch::data
