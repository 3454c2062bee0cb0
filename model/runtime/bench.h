// Bench: how fast a model runs here, part by part, beside what this machine can do at best.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/m3diff/config.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct BenchOptions {
  std::string model_folder{};   // Or, with random weights,
  std::string shape{};          // 7b, 0.5b or nano.
  std::string dtype = "auto";   // auto, fp32, bf16 or int8.
  std::string device = "auto";  // auto, cpu or cuda.
  int threads = 0;              // 0: as many as the machine has.
  int tokens = 80;              // Of a caption.
  int repeats = 3;              // Each part is measured so often; the median counts.
  std::vector<int> batches = {1, 8, 32, 64};
  bool decoder_only = false;  // Without tower, difference module and what is made of them.
};

// One line of the report.
struct BenchRow {
  std::string what{};
  double value = 0;
  std::string unit{};
  // The best that the bandwidths and the matrix product measured in the same run allow; 0: there is
  // none to compare with.
  double limit = 0;
  // Share of the limit that is reached: 1 is the best.
  double reached = 0;
  std::string note{};
};

// The network of a named shape: 7b and 0.5b are LLaVA-OneVision's with preset m3diff, nano is ours.
// kInvalidArgument: another name.
[[nodiscard]] Result<M3DiffConfig> ShapeConfig(std::string_view shape);

// Measures, calling `row` for each line as soon as it is known.  kInvalidArgument: an option;
// otherwise fails as OpenCaptioner does.  Needs LibTorch linked (library stillwatch::runtime).
[[nodiscard]] Status Bench(const BenchOptions& options,
                           const std::function<void(const BenchRow&)>& row);

}  // namespace stillwatch::model
