#include "plugins/framesampler/gst_frame_sampler.h"
#include "plugins/m3diff/gst_m3diff.h"
#include "plugins/pairselector/gst_pair_selector.h"
#include "plugins/zmqeventsink/gst_zmq_event_sink.h"
#include "tests/element/harness.h"

namespace stillwatch::gst {

void RegisterElements() {
  gst_registry_fork_set_enabled(FALSE);  // The registry's helper process does not survive ASan.
  gst_init(nullptr, nullptr);
  GST_ELEMENT_REGISTER(framesampler, nullptr);
  GST_ELEMENT_REGISTER(m3diff, nullptr);
  GST_ELEMENT_REGISTER(pairselector, nullptr);
  GST_ELEMENT_REGISTER(zmqeventsink, nullptr);
}

}  // namespace stillwatch::gst
