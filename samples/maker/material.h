// Material: what a surface looks like, painted by formula.

#pragma once

#include <cstdint>

#include "samples/maker/vec.h"

namespace stillwatch::sample {

enum class Material : std::uint8_t {
  kFloor,
  kWall,
  kShutter,
  kDoorFrame,
  kDoor,
  kHazard,
  kGalvanized,
  kRackBlue,
  kRackOrange,
  kCardboard,
  kTape,
  kWood,
  kBenchTop,
  kBlueBox,
  kBlueBoxLid,
  kBag,
  kBagTrim,
  kBagZip,
  kRed,
  kBlackRubber,
  kSign,
  kLabel,
  kWater,
  kBottleCap,
  kToolbox,
  kSteel,
  kGreenBin,
  kGreyBin,
  kSkin,
  kHair,
  kHelmet,
  kVestOrange,
  kVestYellow,
  kReflective,
  kShirtBlue,
  kShirtGreen,
  kJacketGrey,
  kJeans,
  kTrousersDark,
  kTrousersKhaki,
  kShoe,
};

struct Surface {
  Vec3 albedo{};         // Linear, 0..1.
  float gloss = 0;       // Strength of the highlight.
  float sharpness = 40;  // Its exponent.
};

// `p` in the coordinates of the thing itself, so that its texture travels with it; `n` likewise.
Surface Paint(Material material, Vec3 p, Vec3 n);

}  // namespace stillwatch::sample
