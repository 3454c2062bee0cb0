#include "pipeline/ingest/gst_setup.h"

#include <mutex>

#include "plugins/framesampler/gst_frame_sampler.h"

namespace stillwatch::ingest {

void EnsureGStreamer() {
  static std::once_flag once;
  std::call_once(once, [] {
    gst_init(nullptr, nullptr);
    GST_ELEMENT_REGISTER(framesampler, nullptr);
  });
}

}  // namespace stillwatch::ingest
