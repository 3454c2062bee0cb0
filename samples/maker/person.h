// Person: a walking, bending, carrying figure of tapered capsules.

#pragma once

#include <optional>

#include "samples/maker/model.h"

namespace stillwatch::sample {

struct Outfit {
  Material torso{};
  Material sleeve{};
  Material trousers{};
  Material head{};    // Hair or helmet.
  bool vest = false;  // Reflective bands on the torso.
};

// Everything in world coordinates.
struct Pose {
  Vec3 ground{};     // Below the hips.
  float yaw = 0;     // 0 looks along +y.
  float crouch = 0;  // 0 upright, 1 deep knee bend with the back bent.
  Vec3 left_foot{};  // Ankles.
  Vec3 right_foot{};
  float swing = 0;  // -1..1: how far the right arm is forward while the hands are free.
  std::optional<Vec3> left_hand{};
  std::optional<Vec3> right_hand{};
  float grip = 0;  // 0 hands swing, 1 hands are where left_hand and right_hand say.
};

Model Person(const Pose& pose, const Outfit& outfit);

}  // namespace stillwatch::sample
