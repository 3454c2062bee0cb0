// pairselector: the GStreamer element around PairSelector.

#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define SW_TYPE_PAIR_SELECTOR (sw_pair_selector_get_type())
G_DECLARE_FINAL_TYPE(SwPairSelector, sw_pair_selector, SW, PAIR_SELECTOR, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(pairselector)

G_END_DECLS
