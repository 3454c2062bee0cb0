#include "plugins/pairselector/annotate.h"

#include <algorithm>
#include <cmath>

#include <gst/video/gstvideometa.h>

#include "plugins/common/event_structure.h"

namespace stillwatch::gst {
namespace {

guint Pixels(double fraction, int size) {
  return static_cast<guint>(std::lround(std::clamp(fraction, 0.0, 1.0) * size));
}

}  // namespace

void Annotate(GstBuffer* buffer, const GstVideoInfo& info, const PairStream::Records& records) {
  for (const PairMeta::Ptr& record : records) {
    PairMeta::Add(buffer, record);
    if (IsCamera(record->step)) continue;  // No place in the picture.
    for (const Region& region : record->regions) {
      const guint x = Pixels(region.x, info.width), y = Pixels(region.y, info.height);
      auto* roi = gst_buffer_add_video_region_of_interest_meta(
          buffer, "change", x, y, Pixels(region.x + region.w, info.width) - x,
          Pixels(region.y + region.h, info.height) - y);
      gst_video_region_of_interest_meta_add_param(
          roi, ToStructure(*record, "stillwatch-change").release());
    }
  }
}

void PostChanges(GstElement* element, const PairStream::Records& records) {
  for (const PairMeta::Ptr& record : records) {
    gst_element_post_message(
        element, gst_message_new_element(GST_OBJECT(element),
                                         ToStructure(*record, "stillwatch-change").release()));
  }
}

}  // namespace stillwatch::gst
