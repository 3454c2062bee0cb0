// Camera: which ray a pixel sees.  High on the wall, wide, with a little barrel distortion.

#pragma once

#include <cmath>

#include "samples/maker/vec.h"

namespace stillwatch::sample {

inline constexpr int kWidth = 640;
inline constexpr int kHeight = 360;
inline constexpr Vec3 kEye{3.75F, -0.70F, 3.15F};

class Camera {
 public:
  Camera() {
    forward_ = Normalized(Vec3{3.22F, 3.55F, 0.78F} - kEye);
    right_ = Normalized(Cross(forward_, {0, 0, 1}));
    up_ = Cross(right_, forward_);
  }

  Vec3 Ray(float x, float y) const {
    const float u = (x - kWidth / 2.0F) / kFocal;
    const float v = (y - kHeight / 2.0F) / kFocal;
    const float bent = 1 + kBarrel * (u * u + v * v);
    return Normalized(forward_ + right_ * (u * bent) - up_ * (v * bent));
  }

  // The pixel of a point in front of the camera; z is its depth in metres.
  Vec3 Project(Vec3 p) const {
    const Vec3 d = p - kEye;
    const float depth = std::max(Dot(d, forward_), 0.05F);
    const float u = Dot(d, right_) / depth;
    const float v = -Dot(d, up_) / depth;
    const float r = std::sqrt(u * u + v * v);
    float s = r;  // Solves s (1 + k s^2) = r.
    for (int i = 0; i < 6; ++i) s = r / (1 + kBarrel * s * s);
    const float shrink = r > 0 ? s / r : 1.0F;
    return {kWidth / 2.0F + kFocal * u * shrink, kHeight / 2.0F + kFocal * v * shrink, depth};
  }

 private:
  static constexpr float kFocal = 425;  // Pixels: about 78 degrees across.
  static constexpr float kBarrel = 0.10F;
  Vec3 forward_{};
  Vec3 right_{};
  Vec3 up_{};
};

}  // namespace stillwatch::sample
