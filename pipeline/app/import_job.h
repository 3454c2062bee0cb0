// RunImport: what `stillwatch data import` does, apart from its command line.

#pragma once

#include <cstdint>
#include <string>

#include "pipeline/app/command.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct ImportOptions {
  std::string layout{};  // A word of model/datasets/layout.h.
  std::string folder{};  // The published files.
  std::string out{};     // Becomes a folder of pairs.
  std::string protocol = "single";
  int size = 224;  // Pixels: the side of the stored pictures.
  std::int64_t max_problems = 100;
};

[[nodiscard]] Result<Outcome> RunImport(const ImportOptions& options);

}  // namespace stillwatch::app
