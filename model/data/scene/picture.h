// Picture: what a camera sees of a stage.

#pragma once

#include <optional>
#include <vector>

#include "model/data/scene/stage.h"
#include "pipeline/core/event.h"

namespace stillwatch::data {

// A camera of a wide, slightly distorting lens.  Pictures are fractions: (0, 0) top left.
struct Camera {
  Vec at{};
  Vec right{1, 0, 0}, up{0, 1, 0}, ahead{0, 0, -1};
  double tan_x = 0.8;    // Of half the horizontal angle of view.
  double aspect = 1.78;  // Width / height.
  double barrel = 0;     // 0..0.3: how much the corners are drawn in.

  static Camera LookAt(const Vec& from, const Vec& target, double roll);
  Ray Through(double x, double y) const;
  // Where a point appears; nothing behind the camera.
  std::optional<std::array<double, 2>> See(const Vec& point) const;
  double Depth(const Vec& point) const { return static_cast<double>(Dot(point - at, ahead)); }
};

struct Lamp {
  Vec middle{}, half_u{}, half_v{};  // A rectangle that shines to both sides.
  Vec power{};                       // Irradiance at one metre, facing.
};

struct Lighting {
  Vec to_sun{0, 1, 0};
  Vec sun{};  // Irradiance; zero: none.
  float sun_size = 0.01F;
  std::vector<Lamp> lamps{};
  Vec sky{0.3F, 0.3F, 0.3F};       // Light from above and from where nothing stands.
  Vec around{0.2F, 0.2F, 0.2F};    // What walls and ground give back.
  int rays = 1;                    // To lights, a pixel.
  float reach = 1e30F;             // Of the test for sky: short in rooms.
  Vec backdrop{0.5F, 0.6F, 0.8F};  // Where a ray leaves the scene.
};

struct Picture {
  int width = 0, height = 0;
  std::vector<Vec> light{};   // Linear.
  std::vector<int> object{};  // By pixel.
};

// The part `crop` (fractions of the full picture) in width x height pixels.  One ray a pixel to the
// nearest surface, `rays` to lights, every second one to the sky; then the light (not the colour)
// is smoothed along surfaces.  The seed is of the samples.
Picture Take(const Stage& stage, const Camera& camera, const Lighting& lighting, const Region& crop,
             int width, int height, std::uint64_t seed);

// The brightness that a camera would make `target` of (0..1): what Expose divides by.
float Exposure(const Picture& picture, float target);

// To 8-bit sRGB with a soft shoulder.
Image Expose(const Picture& picture, float factor, const Vec& balance);

}  // namespace stillwatch::data
