// Air: what is between camera and scene, or moves in it without being a change: rain, snow,
// insects, leaves in the wind, a screen.

#pragma once

#include <memory>

#include "pipeline/clips/script.h"

namespace cv {
class Mat;
}

namespace stillwatch::clips {

// A pure function of time.  Not thread-safe: belongs to one clip.
class Air {
 public:
  explicit Air(const Script& script);
  ~Air();
  Air(Air&&) noexcept;

  // Leaves and screens belong to the scene: on the lit plate, CV_32FC3, RGB, 0..255.
  void Stir(double t, int margin_x, int margin_y, cv::Mat* plate) const;

  // Drops, flakes and insects are before the lens: on the view.
  void Fall(double t, cv::Mat* view) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::clips
