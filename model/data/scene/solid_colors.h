// The eight colours and two materials of table-top scenes of plain solids.

#pragma once

#include <optional>
#include <vector>

#include "model/data/palette.h"
#include "model/data/scene/scenery.h"

namespace stillwatch::data {

inline constexpr float kMetal = 1.0F;  // Shine.
inline constexpr float kRubber = 0.05F;

const std::vector<NamedColor>& SolidColors();
void ColorSolid(Stand& stand, const NamedColor& color, Random& random);
std::optional<Stand> PutSolid(const ModelStock& stock, const Scenery& scenery, const State& state,
                              Random& random);

}  // namespace stillwatch::data
