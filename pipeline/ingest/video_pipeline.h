// VideoPipeline: the GStreamer pipeline that turns a file into sampled RGB frames.

#pragma once

#include <chrono>
#include <string>

#include <gst/app/gstappsink.h>

#include "pipeline/core/status.h"
#include "plugins/common/gst_raii.h"

namespace stillwatch::ingest {

// uridecodebin ! framesampler ! videoconvert ! RGB ! appsink.  The sampler stands before the
// conversion, so that frames which are not wanted cost their decoding and nothing else.
//
// At most kQueued frames wait in the sink; then decoding waits.
// Not thread-safe: belongs to the thread that built it.  The destructor stops all its threads.
class VideoPipeline {
 public:
  static constexpr unsigned kQueued = 3;

  // Built, not started.  kNotFound: an element is not installed.
  [[nodiscard]] static Result<VideoPipeline> Create(const std::string& uri,
                                                    std::chrono::milliseconds interval);
  ~VideoPipeline();
  VideoPipeline(VideoPipeline&&) = default;
  VideoPipeline& operator=(VideoPipeline&&) = delete;

  GstElement* pipeline() const { return pipeline_.get(); }
  GstAppSink* sink() const { return GST_APP_SINK(sink_.get()); }
  GstBus* bus() const { return bus_.get(); }

  // What framesampler has counted since the start.
  struct Decoded {
    std::uint64_t frames = 0;
    std::uint64_t damaged = 0;       // Not given: grey or torn.
    std::chrono::nanoseconds end{};  // Stream time at which the latest decoded frame ends.
  };
  Decoded decoded() const;

  // Zero where the container does not say.
  std::chrono::nanoseconds duration() const;

 private:
  VideoPipeline() = default;

  gst::ElementPtr pipeline_, sampler_, sink_;
  gst::BusPtr bus_;
};

}  // namespace stillwatch::ingest
