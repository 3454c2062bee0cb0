// Truth: what really changed in a clip, written down by a person.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::score {

struct TruthChange {
  int id = 0;
  ChangeKind kind = ChangeKind::kOther;
  std::string object{};
  std::string caption{};
  std::int64_t first_frame = 0;  // While it was under way: 0-based decode indices, both included.
  std::int64_t last_frame = 0;
  Region box{};                 // In fractions of the picture.
  std::vector<Region> parts{};  // Where the change has several places; each lies in `box`.
};

struct Truth {
  std::string media{};  // File name of the clip; empty where the file does not say.
  int width = 0;        // Pixels, as the boxes of the file count them.
  int height = 0;
  double fps = 0;  // 0 where the file does not say.
  std::int64_t frame_count = 0;
  std::vector<TruthChange> changes{};  // In the order of their spans.
};

// Reads the JSON text of a truth file (README.md has the format).  Keys it does not know are notes
// of the writer.  kDataLoss names `name` and the key that is wrong.
[[nodiscard]] Result<Truth> ParseTruth(std::string_view text, std::string_view name);

// kNotFound or kUnavailable if the file cannot be read; else as ParseTruth.
[[nodiscard]] Result<Truth> LoadTruth(const std::string& path);

}  // namespace stillwatch::score
