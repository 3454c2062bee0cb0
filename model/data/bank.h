// The bank of sprites: rendered once into a work folder, read by every run of Compose.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/data/thing.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// done of all; `what` is what was finished last.  Returns false to stop (the work done is kept).
using Progress = std::function<bool(std::size_t done, std::size_t all, const std::string& what)>;

struct RenderOptions {
  std::filesystem::path catalogue{};  // models3d/catalog.jsonl; empty: made meshes alone.
  std::filesystem::path libraries{"/usr/share/sweethome3d/furniture"};  // The *.sh3f archives.
  std::filesystem::path out{};
  std::uint64_t seed = 1;
  int size_px = 168;  // Longer side of a thing.
  int threads = 2;
  double variety = 1;  // Share of the made meshes to make, for tests; at least one of each.
};

struct RenderReport {
  std::size_t things = 0;
  std::size_t views = 0;
  std::vector<std::string> left_out{};  // Models that could not be used, with the reason.
};

// Renders the things of the catalogue (nouns.tsv says which) and the made meshes into out/<id>/,
// then writes out/bank.json, last and atomically.  Things that are there already are kept, so a
// run that was interrupted goes on where it stopped.
// kNotFound / kDataLoss: catalogue or library; the message names the file (and line).  A single
// model that does not load is left out and reported.
[[nodiscard]] Result<RenderReport> Render(const RenderOptions& options, const Progress& progress);

// Reads a bank.  kNotFound: no bank.json there.  kDataLoss: a file of it is missing or broken.
[[nodiscard]] Result<std::vector<Thing>> LoadBank(const std::filesystem::path& folder);

}  // namespace stillwatch::data
