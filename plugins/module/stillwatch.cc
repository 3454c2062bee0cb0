// The GStreamer plugin `stillwatch`: the elements that camera processes use.  No LibTorch here.

#include <gst/gst.h>

#include "pipeline/core/c_boundary.h"
#include "plugins/framesampler/gst_frame_sampler.h"
#include "plugins/pairselector/gst_pair_selector.h"
#include "plugins/zmqeventsink/gst_zmq_event_sink.h"

namespace {
gboolean PluginInit(GstPlugin* plugin) noexcept {
  return GST_ELEMENT_REGISTER(framesampler, plugin) && GST_ELEMENT_REGISTER(pairselector, plugin) &&
         GST_ELEMENT_REGISTER(zmqeventsink, plugin);
}
}  // namespace

// GStreamer 1.22 knows the licence by this spelling; the SPDX one ("Apache-2.0") draws a warning.
#define PACKAGE "stillwatch"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, stillwatch,
                  "Elements that watch a scene for lasting changes",
                  stillwatch::CCallback<PluginInit>, STILLWATCH_VERSION, "Apache 2.0", "Stillwatch",
                  "Stillwatch")
