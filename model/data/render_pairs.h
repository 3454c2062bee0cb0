// RenderPairs: a data set of rendered scenes.  compose.h pastes things into photographs instead.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "model/data/compose.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

struct RenderPairsOptions {
  // models3d/catalog.jsonl of the shared material.  Empty: made meshes alone.
  std::filesystem::path catalogue{};
  std::filesystem::path libraries{"/usr/share/sweethome3d/furniture"};  // The *.sh3f archives.
  std::filesystem::path out{};
  std::filesystem::path meshes{};    // Thinned models are kept there; empty: out/meshes.
  std::filesystem::path pictures{};  // Full pictures and masks, too; empty: none.
  std::uint64_t count = 0;           // Pairs the data set shall have in the end.
  std::uint64_t seed = 1;
  int threads = 2;
  int size = 160;        // Side of the stored pictures, pixels.
  double solids = 0.22;  // Share of table-top scenes of plain solids, 0..1.
  std::string split{};   // "train", "val" or "test": all pairs are of it; empty: some of each.
  bool long_captions = false;  // Long ones among `captions`.
  double variety = 1;          // Share of the made meshes, for tests.
};

// Goes on where the folder ends; same seed and stock, same pairs.  kNotFound / kDataLoss: material.
// kCancelled: `progress` said so.
[[nodiscard]] Result<ComposeReport> RenderPairs(const RenderPairsOptions& options,
                                                const Progress& progress);

}  // namespace stillwatch::data
