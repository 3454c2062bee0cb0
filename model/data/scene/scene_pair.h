// ScenePair: one rendered training example, from its number.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "model/data/pair.h"
#include "model/data/scene/model.h"

namespace stillwatch::data {

struct ScenePairOptions {
  std::uint64_t seed = 1;
  int size = 160;                    // Side of the stored pictures, pixels.
  double solids = 0.22;              // Share of the table-top scenes.
  std::string split{};               // All pairs are of this one; empty: some of each.
  bool long_captions = false;        // As `captions`, too.
  std::filesystem::path pictures{};  // Full pictures and masks go there; empty: none.
};

// Pair `id`: the same bytes for the same stock and options on every call.  kInternal if no drawing
// worked out in 60 attempts.
[[nodiscard]] Result<Pair> DrawScenePair(const ModelStock& stock, const ScenePairOptions& options,
                                         std::uint64_t id);

}  // namespace stillwatch::data
