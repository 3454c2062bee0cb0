// Lights: where the light comes from and what of it a surface throws back.

#pragma once

#include "samples/maker/material.h"
#include "samples/maker/noise.h"
#include "samples/maker/vec.h"

namespace stillwatch::sample {

// A rectangle facing down.
struct Panel {
  Vec3 center{};
  float half_x = 0;
  float half_y = 0;
  Vec3 power{};  // Radiance times the number of panels that share its samples.
};

// Where a point looks for the light of one sample, and how much comes if nothing is in between.
struct LightSample {
  Vec3 direction{};
  float distance = 0;
  float cosine = 0;  // Of the arriving light at the surface; <= 0: none.
  Vec3 irradiance{};
};

// u, v: 0..1.
LightSample SampleCeiling(Vec3 position, Vec3 normal, float u, float v);
LightSample SampleLamp(Vec3 position, Vec3 normal, float u, float v);
// The sun through the window in the right wall; irradiance 0 where the window does not lead to it.
LightSample SampleSun(Vec3 position, Vec3 normal, float drift, float u, float v);

// Whether the patch of sunlight comes within 20 cm of the point at any time of the clip.
bool MaySeeSun(Vec3 position);

// Light from everywhere, for what a single bounce leaves out.
inline constexpr Vec3 kCeilingAmbient{0.135F, 0.138F, 0.140F};
inline constexpr Vec3 kLampAmbient{0.075F, 0.066F, 0.052F};

// Light thrown towards -view.
Vec3 Reflect(const Surface& surface, Vec3 normal, Vec3 view, const LightSample& light);

// A direction around the normal, weighted by its cosine.
Vec3 SampleHemisphere(Vec3 normal, float u, float v);

}  // namespace stillwatch::sample
