// Light: sun, clouds, lamps, dusk, headlights: how bright the scene is, place by place.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pipeline/clips/script.h"

namespace cv {
class Mat;
}

namespace stillwatch::clips {

// Multiplies the scene by a smooth field of light.  A pure function of time.  Not thread-safe:
// belongs to one clip.
class Light {
 public:
  Light(const Script& script, int plate_width, int plate_height);
  ~Light();
  Light(Light&&) noexcept;

  // `picture`: CV_32FC3, RGB, 0..255, of the plate's size.
  void Apply(double t, cv::Mat* picture) const;

  // Of the darkest that the camera's gain has to make up for: 1 by day, towards 0 by night.
  double Level(double t) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::clips
