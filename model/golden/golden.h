// RunGolden: this network against the outputs of reference implementations, without a test library.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// One comparison.  Ids and bytes are compared too: `difference` counts those that differ then, and
// `allowed` is 0.
struct GoldenCheck {
  std::string name{};
  double difference = 0;  // The largest of any number; infinite where shapes differ.
  double allowed = 0;
  bool passed() const { return difference <= allowed; }
};

struct GoldenReport {
  std::vector<GoldenCheck> checks{};
  bool passed() const;
  std::string ToText() const;  // One line a check.
};

// Runs every fixture that lies below `folder` (onevision_tiny/, ccexpert_mdp/) on the CPU in fp32:
// all tensor namings, both layouts, every layer.  kNotFound: neither is there.  Other failures mean
// that a fixture could not be loaded; the message says which.
[[nodiscard]] Result<GoldenReport> RunGolden(const std::filesystem::path& folder);

}  // namespace stillwatch::model
