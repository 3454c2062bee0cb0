// RunScan: what `stillwatch scan` does, apart from its command line (`stillwatch demo` does it,
// too).

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/app/command.h"
#include "pipeline/app/output.h"
#include "pipeline/core/status.h"
#include "pipeline/core/time.h"

namespace stillwatch::app {

struct ScanOptions {
  std::vector<std::string> inputs{};
  // Absent: the configuration's, else the defaults of select::PairPolicy.
  std::optional<std::chrono::milliseconds> interval{};
  std::optional<std::chrono::milliseconds> settle{};
  std::optional<std::chrono::nanoseconds> frame_interval{};
  std::optional<TimePoint> start{};
  std::string store{};       // Empty: keep nothing.
  std::string truth{};       // Empty: no scoring.
  std::string state{};       // Empty: the scene is learnt anew, and forgotten at the end.
  std::string save_pairs{};  // Empty: write no pictures.
  std::string camera{};      // Empty: from the input's name.
  std::string config{};
  std::string model{};  // Empty: the configuration's, else nano.
  bool no_caption = false;
  bool list_suppressed = false;  // On stderr, as they are passed over.
  OutputFormat output = OutputFormat::kAuto;
};

// Scans the inputs one after the other; events go to stdout as they are found.  kNothing if a truth
// file shows a difference.  kCancelled after Ctrl-C: what is stored stays.
[[nodiscard]] Result<Outcome> RunScan(const ScanOptions& options);

}  // namespace stillwatch::app
