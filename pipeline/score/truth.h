// Truth: what really changed in a clip, written down by a person.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
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
  // From here on it could be seen plainly, where that is later than the end of its span: a crowd
  // stood before it, the lamps were out.  0: the file does not say.
  std::int64_t clear_from = 0;
  Region box{};                 // In fractions of the picture.
  std::vector<Region> parts{};  // Where the change has several places; each lies in `box`.
};

// Trouble with the camera itself.
struct TruthCameraEvent {
  std::string type{};               // "moved", "obstructed" ... as in camera.<type>.
  std::vector<std::string> also{};  // Types that are right, too.
  std::int64_t first_frame = 0;     // While it is so (`moved`: while it moves); both included.
  std::int64_t last_frame = 0;
  std::int64_t onset = 0;  // From this frame on in full, where it came slowly; else first_frame.
};

// How the clip wants to be looked at; what is absent is up to the reader of the file.
struct TruthSettings {
  std::optional<std::chrono::milliseconds> interval{};
  std::optional<std::chrono::milliseconds> settle{};
  std::optional<std::chrono::nanoseconds> frame_interval{};  // Of a series of pictures.
};

struct Truth {
  std::string media{};  // File name of the clip; empty where the file does not say.
  int width = 0;        // Pixels, as the boxes of the file count them.
  int height = 0;
  double fps = 0;  // 0 where the file does not say.
  std::int64_t frame_count = 0;
  std::vector<TruthChange> changes{};      // In the order of their spans.
  std::vector<TruthCameraEvent> camera{};  // In the order of their spans.
  TruthSettings settings{};
};

// Reads the JSON text of a truth file (README.md has the format).  Keys it does not know are notes
// of the writer.  kDataLoss names `name` and the key that is wrong.
[[nodiscard]] Result<Truth> ParseTruth(std::string_view text, std::string_view name);

// kNotFound or kUnavailable if the file cannot be read; else as ParseTruth.
[[nodiscard]] Result<Truth> LoadTruth(const std::string& path);

}  // namespace stillwatch::score
