// Produce: pairs from their numbers, on several threads, into a data set folder.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "model/data/compose.h"
#include "model/data/pair.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// Pair `id`; called from several threads at once.
using PairDrawer = std::function<Result<Pair>(std::uint64_t id)>;

struct ProduceOptions {
  std::filesystem::path out{};
  std::string origin{};  // What the pairs depend on; another one is refused.
  int size = kPairSize_px;
  std::uint64_t count = 0;  // Pairs the folder shall have in the end.
  int threads = 2;
};

// Goes on where the folder ends.  kCancelled: `progress` said so; what was made is kept.
[[nodiscard]] Status Produce(const ProduceOptions& options, const PairDrawer& draw,
                             const Progress& progress, ComposeReport& report);

}  // namespace stillwatch::data
