// Renderer: the light that reaches the camera, in layers that can be dimmed one by one.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "samples/maker/camera.h"
#include "samples/maker/scene.h"
#include "samples/maker/timeline.h"

namespace stillwatch::sample {

using Picture = std::vector<Vec3>;  // kWidth * kHeight linear colours.

inline constexpr std::uint32_t kSubsamples = 9;  // Kept per pixel to put people in and for the sun.
inline constexpr int kThings = 3;                // Ids 1 .. 3: Thing + 1.

// Everything that stands still, rendered once for each arrangement of the things and reused for
// every frame that shows it.
struct Plate {
  struct Sample {
    float distance = 0;
    Vec3 position{};
    Vec3 normal{};
  };
  Picture ceiling{};  // Lit by the ceiling lights at full power,
  Picture lamp{};     // and by the lamp alone.
  Picture albedo{};
  std::vector<std::uint8_t> sunny{};                          // 1: the sun gets there at some time.
  std::vector<Sample> samples{};                              // kSubsamples per pixel.
  std::array<std::vector<std::uint8_t>, kThings> coverage{};  // 0 .. kSubsamples, per thing.
};

// Calls row(y) for each row of the picture, on as many threads as there are cores.
void ForEachRow(const std::function<void(int)>& row);

Plate RenderPlate(const Scene& scene, std::uint32_t samples_per_pixel);

// One frame: the plate in this light, with the actor (nullptr: nobody) in it.
Picture RenderFrame(const Plate& plate, const Scene& scene, const Lights& lights,
                    const Scene* actor, Vec3 actor_ground);

}  // namespace stillwatch::sample
