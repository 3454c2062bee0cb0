// FrameSampler: thins a stream to at most one frame per interval.

#pragma once

#include <chrono>
#include <optional>

#include "pipeline/core/status.h"

namespace stillwatch::gst {

struct SamplerPolicy {
  std::chrono::milliseconds interval{2000};  // The same as select::PairPolicy::interval.
};
inline constexpr std::chrono::milliseconds kMaxSamplingInterval = std::chrono::hours(24);

// Says for each frame, by its time in the stream, whether it passes.
//
// The frames that pass lie on a grid of one interval, so that a frame that comes a little late
// does not push all later ones back: 30 frames a second thinned to one in two seconds are frames
// 0, 60, 120 and so on.  A grid point without a frame is skipped; after it the next frame starts
// a new grid.
//
// Holds one point in time.  Not thread-safe: call from the streaming thread only.
class FrameSampler {
 public:
  // Fails with kInvalidArgument unless interval is above 0 and at most a day.
  [[nodiscard]] static Result<FrameSampler> Create(const SamplerPolicy& policy);

  // True if the frame at `pts` passes.  A `pts` that lies more than an interval back starts anew.
  [[nodiscard]] bool Keep(std::chrono::nanoseconds pts);

  // Forgets the past: the next frame passes.
  void Reset() { due_.reset(); }

 private:
  explicit FrameSampler(std::chrono::nanoseconds interval);

  std::chrono::nanoseconds interval_;
  std::chrono::nanoseconds early_;               // How much before its time a frame still counts.
  std::optional<std::chrono::nanoseconds> due_;  // When the next frame is wanted.
};

}  // namespace stillwatch::gst
