// Compose: a data set of training pairs for M3Diff-nano.  Read this header first.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/data/bank.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

struct ComposeOptions {
  // The folder `training` of the shared material.  Empty: made things on made grounds alone.
  std::filesystem::path material{};
  std::filesystem::path out{};
  // The bank of sprites; empty: out/sprites.  Rendered first where there is none.
  std::filesystem::path sprites{};
  std::uint64_t count = 0;  // Pairs the data set shall have in the end.
  std::uint64_t seed = 1;
  int threads = 2;
};

struct ComposeReport {
  std::uint64_t count = 0;                       // Pairs in the data set now.
  std::uint64_t made = 0;                        // By this call.
  std::map<std::string, std::uint64_t> kinds{};  // Made by this call, by kind.
  double pairs_per_s = 0;
  std::vector<std::string> absent{};    // Folders of the material that were done without.
  std::vector<std::string> left_out{};  // Models that could not be rendered, with the reason.
};

// Writes pairs [what is there, count) of a seed to `out` (README.md describes the files).  Pair i
// depends on material, sprites, seed and i alone: a run that was interrupted goes on where the
// manifest says, and the result is the same.
//
// Memory: the stock (about 2 GiB with all the material) and a few pairs per thread.
//
// kInvalidArgument: `out` holds pairs of another seed or stock.  kNotFound, kDataLoss: material or
// sprites, the message names the file.  kCancelled: progress returned false; call again to go on.
[[nodiscard]] Result<ComposeReport> Compose(const ComposeOptions& options,
                                            const Progress& progress);

}  // namespace stillwatch::data
