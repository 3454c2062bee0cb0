// Conditions: what makes two pictures of one scene differ although nothing changed.

#pragma once

#include <array>
#include <optional>
#include <vector>

#include "model/data/develop.h"
#include "model/data/scene/change.h"
#include "model/data/scene/scenery.h"
#include "model/data/truth.h"

namespace stillwatch::data {

struct Conditions {
  std::array<Camera, 2> camera{};
  std::array<Lighting, 2> lighting{};
  std::array<std::vector<Actor>, 2> passers{};
  std::vector<Region> passer_boxes{};  // Where they appear.
  std::array<Circumstances, 2> how{};
  std::array<Vec, 2> balance{};
  std::array<bool, 2> infrared{};
  std::array<double, 2> rain{};  // 0..1.
  float target = 0.18F;          // Mean brightness that the camera exposes for.
  float follow = 0.5F;           // How much the second picture's exposure follows its own light.
  double viewpoint_deg = 0;      // For the record.
  double light = 0;              // 0 = the same light, 1 = very different.
  std::uint64_t seed = 0;
};

// Why an unchanged pair looks changed.
Cause DrawCause(bool solids, Random& random);

// `avoid`: nobody stands before this.
Conditions DrawConditions(const ModelStock& stock, const Scenery& scenery, Cause cause,
                          bool changed, const std::optional<Region>& avoid, bool test,
                          Random& random);

// The picture number `index` as the recorder keeps it, appended to `out`: size x size RGB bytes, or
// as large as it is where size is 0.
void DevelopScene(const Image& picture, const Conditions& conditions, std::size_t index, bool whole,
                  int size, std::vector<std::uint8_t>& out);

}  // namespace stillwatch::data
