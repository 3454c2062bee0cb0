// RunMakeClips: what `stillwatch bench make-clips` does, apart from its command line.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/app/command.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct MakeClipsOptions {
  std::string folder{};
  std::vector<std::string> suites{};  // Empty: all.
  std::uint64_t seed = 1;
  std::string material{};              // Empty: drawn things on made grounds.
  std::string only{};                  // Clips whose name holds this text; empty: all.
  std::vector<std::string> scripts{};  // Script files, in place of suites.
  int jobs = 2;
};

// Writes FOLDER/SUITE/NAME.*; a clip that cannot be made stops it.  kCancelled after Ctrl-C: whole
// clips stay.
[[nodiscard]] Result<Outcome> RunMakeClips(const MakeClipsOptions& options);

}  // namespace stillwatch::app
