// RunBenchSelection: what `stillwatch bench selection` does, apart from its command line.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/app/command.h"
#include "pipeline/app/output.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct BenchSelectionOptions {
  std::vector<std::string> sets{};
  std::string only{};  // Clips whose name or suite holds this text; empty: all.
  // Absent: as the set and the truth files say.
  std::optional<std::chrono::milliseconds> interval{};
  std::optional<std::chrono::milliseconds> settle{};
  std::optional<double> min_area{};
  std::optional<int> sensitivity{};
  std::chrono::milliseconds skip{0};
  bool verify = false;
  double dismiss_below = 0.5;  // With `verify`: the model's word against a pair.
  std::string model{};         // Empty: nano.
  std::string report{};        // Folder; empty: none.
  bool everything = false;     // The report shows what was right and passed over, too.
  bool measure_decoding = true;
  OutputFormat output = OutputFormat::kAuto;
};

// kUnavailable where a clip could not be run, after the figures of the others.
[[nodiscard]] Result<Outcome> RunBenchSelection(const BenchSelectionOptions& options);

}  // namespace stillwatch::app
