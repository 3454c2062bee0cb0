#include "plugins/framesampler/frame_sampler.h"

#include <algorithm>

namespace stillwatch::gst {

Result<FrameSampler> FrameSampler::Create(const SamplerPolicy& policy) {
  if (policy.interval <= policy.interval.zero() || policy.interval > kMaxSamplingInterval) {
    return InvalidArgument("sampling interval must be above 0 and at most 24h, found " +
                           std::to_string(policy.interval.count()) + "ms");
  }
  return FrameSampler(policy.interval);
}

// Matroska rounds times to a millisecond and others to their time base: frame 60 of a 30 fps
// stream lies a few nanoseconds before 2 s, and waiting for frame 61 would be one frame off.
FrameSampler::FrameSampler(std::chrono::nanoseconds interval)
    : interval_(interval),
      early_(std::min<std::chrono::nanoseconds>(std::chrono::milliseconds(1), interval / 4)) {}

bool FrameSampler::Keep(std::chrono::nanoseconds pts) {
  if (!due_) {
    due_ = pts + interval_;
    return true;
  }
  const std::chrono::nanoseconds late = pts - *due_;
  if (late < -early_ && -late <= interval_) return false;
  const bool on_grid = late >= -early_ && late < interval_;
  due_ = (on_grid ? *due_ : pts) + interval_;
  return true;
}

}  // namespace stillwatch::gst
