// RunClip: the pair selector over one clip, scored, with what it cost.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/bench/clip_set.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"
#include "pipeline/score/bays.h"
#include "pipeline/score/camera_score.h"
#include "pipeline/score/score.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch::bench {

struct RunOptions {
  // Go before what the set and the truth files say.
  std::optional<std::chrono::milliseconds> interval{};
  std::optional<std::chrono::milliseconds> settle{};
  select::PairPolicy policy{};        // The rest of it; interval and settle are replaced.
  std::chrono::milliseconds skip{0};  // Sampling begins this much later: a rule that only works
                                      // for some sampling moments is not a rule.
  bool keep_pictures = false;         // For the report.
  bool measure_decoding = true;
};

// From a selected pair to an event; nothing if the model dismissed it.
using MakeEvent = std::function<Result<std::optional<ChangeEvent>>(const select::SelectedPair&)>;

// A message that was given out.  Pictures are places in ClipResult::jpegs, -1: not kept.
struct Told {
  std::int64_t frame = 0;  // The sample at which it was given out.
  double at_s = 0;         // Its stream time.
  int reference = -1;
  int current = -1;
};

// A candidate that was not reported.
struct PassedOver {
  select::SuppressedPair pair{};
  int picture = -1;  // What the camera showed when that was decided.
};

// The scene before and after a listed change, as sampled.
struct ChangePictures {
  int before = -1;
  int after = -1;
};

struct ClipResult {
  Clip clip{};
  std::chrono::milliseconds interval{0};  // As used.
  std::chrono::milliseconds settle{0};
  bool series = false;  // Of pictures; else a video.
  int width = 0, height = 0;
  double fps = 0;  // Of pictures, too: one per interval between them.

  std::vector<ChangeEvent> events{};  // Every message in the order it was told,
  std::vector<Told> told{};           // and how: same length.
  std::vector<PassedOver> passed_over{};
  std::array<std::uint64_t, kSuppressionReasonCount> suppressed{};

  std::optional<score::ScoreReport> score{};
  std::optional<score::CameraReport> camera{};
  std::optional<score::BayReport> bays{};

  double covered_s = 0;  // Length of what was watched.
  std::int64_t samples = 0;
  double scan_cpu_s = 0;                 // Decoding, conversion, selection, and the model if asked.
  double select_cpu_s = 0;               // Selection alone.
  std::optional<double> decode_cpu_s{};  // The same file, decoded and nothing else.

  std::vector<std::string> jpegs{};
  std::vector<ChangePictures> change_pictures{};  // One per listed change of the truth (or bays).
  std::vector<std::string> warnings{};
};

// Runs `clip` from its first to its last frame.  Fails where the clip cannot be opened or an option
// cannot work; the message names it.  Measures CPU of the whole process: run nothing else in it.
[[nodiscard]] Result<ClipResult> RunClip(const Clip& clip, const RunOptions& options,
                                         const MakeEvent& make_event);

// Seconds from the end of a listed change to the moment its event was told.
double DelayOf(const ClipResult& result, const score::ChangeScore& change);

}  // namespace stillwatch::bench
