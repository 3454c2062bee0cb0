// m3diff: the GStreamer element around model::Captioner.

#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

#include "plugins/m3diff/caption_pair.h"

G_BEGIN_DECLS

#define SW_TYPE_M3DIFF (sw_m3diff_get_type())
G_DECLARE_FINAL_TYPE(SwM3Diff, sw_m3diff, SW, M3DIFF, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(m3diff)

G_END_DECLS

namespace stillwatch::gst {

// What elements open their captioners with.  Set it before the first one starts; not thread-safe.
void SetCaptionerFactory(CaptionerFactory factory);

}  // namespace stillwatch::gst
