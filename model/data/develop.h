// Develop: what a camera, the weather and a recorder make of a scene.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/data/image.h"
#include "model/data/paste.h"
#include "model/data/random.h"
#include "model/view/crop.h"

namespace stillwatch::data {

// A part of the picture that is darker (factor < 1) or lighter: a shadow, sunlight, a reflection.
struct Shade {
  std::vector<std::array<double, 2>> outline{};  // Pixels of the full picture.
  double factor = 0.6;
  double soft_px = 3;
  bool leafy = false;  // Full of holes, as under a tree.
  std::uint64_t seed = 0;
};

// One picture's circumstances.
struct Circumstances {
  double shift_x = 0, shift_y = 0;  // Of the camera, pixels.
  double angle_deg = 0;
  double zoom = 1;
  std::vector<Shade> shades{};
  double gradient = 0;  // Uneven light, share of the brightness.
  std::uint64_t gradient_seed = 0;
  std::array<double, 3> gain{1, 1, 1};  // Exposure and white balance.
  double offset = 0;                    // 0..255 scale.
  double gamma = 1;
  bool infrared = false;
  double blur_px = 0;
  double noise = 0;  // Standard deviation, 0..255 scale.
  double grain = 0;  // 0 = white noise, 1 = as soft as after a video codec.
  std::uint64_t noise_seed = 0;
  int jpeg_quality = 100;  // 100: none.
  std::string clock{};     // Burnt in; empty: none.
  bool clock_below = false;
};

// Shadows of nothing in view: a few outlines near `around`.
Shade DrawShadow(const Box& around, Random& random);
Shade DrawLightPatch(const Box& around, Random& random);
Shade DrawReflection(const Box& around, Random& random);

// Moves what is inside `box` as wind moves leaves, up to `strength_px`.
void Sway(const Box& box, double strength_px, Random& random, Image& picture);

// The part `crop` of the full RGB picture under these circumstances, resized to `size` x `size`,
// appended to `out` as RGB bytes.
void Develop(const Image& full, const Circumstances& how, const model::PixelRect& crop, int size,
             std::vector<std::uint8_t>& out);

}  // namespace stillwatch::data
