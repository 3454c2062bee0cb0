// Sensor: exposure, noise, infrared, the burnt-in clock, and what a bad link does to pictures.

#pragma once

#include <memory>

#include "model/data/image.h"
#include "pipeline/clips/script.h"

namespace cv {
class Mat;
}

namespace stillwatch::clips {

// Frames must come in order: exposure and a frozen picture depend on those before.
// Not thread-safe: belongs to one clip.
class Sensor {
 public:
  explicit Sensor(const Script& script);
  ~Sensor();
  Sensor(Sensor&&) noexcept;

  // From the light that reaches it (CV_32FC3, RGB; changed) to the picture that is sent.
  // `level`: of the scene's light, see Light::Level; `through`: see Eye::Light.
  data::Image Expose(std::int64_t frame, double t, double level, double through, cv::Mat* view);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::clips
