// Annotate: what pairselector tells of a selection, on the frame and on the bus.

#pragma once

#include "plugins/common/gst_raii.h"
#include "plugins/pairselector/pair_stream.h"

namespace stillwatch::gst {

// Adds to the buffer one SwPairMeta for each record, and one GstVideoRegionOfInterestMeta of type
// "change" for each region, in pixels, with the structure of ToStructure(record) as parameter.
// REQUIRES: buffer is writable and has the size of `info`.
void Annotate(GstBuffer* buffer, const GstVideoInfo& info, const PairStream::Records& records);

// Posts an element message "stillwatch-change" (see ToStructure) for each record.
void PostChanges(GstElement* element, const PairStream::Records& records);

}  // namespace stillwatch::gst
