// Light: the difference in lighting between two pictures of one scene, as a smooth gain.

#pragma once

#include <array>

#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// How much brighter `picture` is than `reference`: exp(quadratic in x and y), a tone curve, and
// what is left of a colour cast.  Six numbers cannot follow an object, but they follow exposure, a
// lamp or daylight from one side.  The curve is what auto exposure does to bright parts; it is held
// so small, and to levels so wide-spread, that it cannot follow an object either.
struct Light {
  std::array<double, 6> log_gain{};  // Of 1, x, y, x*x, x*y, y*y with x and y within -1..1.
  std::array<float, 17> tone{};      // Added at brightness 0, 16, ... 256: the camera's tone curve.
  double cr = 0, cb = 0;             // Added to the colour planes, grey levels.
  double delta = 0;                  // Mean absolute brightness difference explained, 0..1.
};

// Robust: an object may cover about a third of the picture.
Light FitLight(const WorkingPicture& reference, const WorkingPicture& picture);

// `picture` as it would look in the light of the reference.
void RemoveLight(const Light& light, WorkingPicture& picture);

// Where a cut-out lies in the picture that a Light was fitted to.
struct Window {
  int x = 0, y = 0;           // Of its upper left pixel.
  int width = 0, height = 0;  // Of the whole picture.
};

// The other way: a picture in the light of the reference, as it would look in the new light.
void ApplyLight(const Light& light, WorkingPicture& picture);
void ApplyLight(const Light& light, WorkingPicture& cut_out, const Window& window);

}  // namespace stillwatch::select
