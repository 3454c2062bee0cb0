// The GStreamer plugin `stillwatchm3diff`: the element that needs LibTorch, in a module of its own.

#include <gst/gst.h>

#include "model/runtime/captioner.h"
#include "pipeline/core/c_boundary.h"
#include "plugins/m3diff/gst_m3diff.h"

namespace {
gboolean PluginInit(GstPlugin* plugin) noexcept {
  return stillwatch::CatchAtCBoundary(
      FALSE, [](const char*) noexcept {},
      [plugin]() -> gboolean {
        stillwatch::gst::SetCaptionerFactory(stillwatch::model::OpenCaptioner);
        return GST_ELEMENT_REGISTER(m3diff, plugin);
      });
}
}  // namespace

// GStreamer 1.22 knows the licence by this spelling; the SPDX one ("Apache-2.0") draws a warning.
#define PACKAGE "stillwatch"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, stillwatchm3diff,
                  "Captions for lasting changes, by M3Diff", stillwatch::CCallback<PluginInit>,
                  STILLWATCH_VERSION, "Apache 2.0", "Stillwatch", "Stillwatch")
