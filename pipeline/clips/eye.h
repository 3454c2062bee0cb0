// Eye: the camera's mount and lens: where it looks, how sharp, and what somebody does to it.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/clips/script.h"

namespace cv {
class Mat;
}

namespace stillwatch::clips {

// Where the camera looks, against the start of the clip.
struct Pose {
  double dx = 0, dy = 0;  // Fractions of the view's width: how far the scene has gone right, down.
  double roll_deg = 0;
  double zoom = 1;
};

// What a truth file says of the camera.
struct CameraTrouble {
  std::string type{};
  std::vector<std::string> also{};
  double first = 0, last = 0, onset = 0;  // Seconds.
};

// A pure function of time.  Not thread-safe: belongs to one clip.
class Eye {
 public:
  explicit Eye(const Script& script);
  ~Eye();
  Eye(Eye&&) noexcept;

  // Without the shaking: for truth files.
  Pose LastingPoseAt(double t) const;

  // Cuts the view out of the plate, as the mount stands at t.  Both CV_32FC3.
  void Look(double t, const cv::Mat& plate, cv::Mat* view) const;

  // Focus, covers, paint, glare: on the view.
  void Through(double t, cv::Mat* view) const;

  // How much of the light reaches the sensor: 1, towards 0 when dark, far above when blinded.
  double Light(double t) const;

  // In the order of the script.  A move of under 2 % of the width is none; so is a little blur.
  std::vector<CameraTrouble> Troubles() const;

  // A point of the plate as pixels of the view at that time.
  std::array<double, 2> ToView(double t, double plate_x, double plate_y) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::clips
