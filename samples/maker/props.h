// Props: the bay and the things in it.

#pragma once

#include "samples/maker/model.h"

namespace stillwatch::sample {

Model Bay();               // Floor, walls, shutter, doorway, rack, bench, bottles, pallets.
Model BlueBox();           // 0.74 m wide, with a lid.
Model BlackBag();          // A holdall, 0.62 m long; grip at kBagGrip.
Model FireExtinguisher();  // 0.62 m tall; grip at kExtinguisherGrip.
Model ExtinguisherSign();
Model CardboardBox();  // kCardboardBoxWidth wide.

inline constexpr float kCardboardBoxWidth = 0.56F;
inline constexpr float kCardboardBoxDepth = 0.44F;
inline constexpr Vec3 kBagGrip{0, 0, 0.46F};
inline constexpr Vec3 kExtinguisherGrip{0, -0.02F, 0.57F};
inline constexpr Vec3 kCardboardBoxGrip{kCardboardBoxWidth / 2 + 0.02F, 0, 0.20F};  // And at -x.

}  // namespace stillwatch::sample
