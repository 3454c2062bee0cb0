// Records as GstStructures: for bus messages and for consumers that know no C++ of ours.

#pragma once

#include <gst/gst.h>

#include "plugins/common/gst_raii.h"
#include "plugins/common/pair_record.h"

namespace stillwatch::gst {

// event-id, camera, step ("change.detected"), kind ("added"): strings; time: RFC 3339 string;
// frame: int64 and pts: uint64 of the current picture where it has them; score: double; regions:
// array of structures "region" with doubles x, y, w, h, fractions of the picture.
StructurePtr ToStructure(const PairRecord& pair, const char* name);

// event-id, caption, kind, model: strings; changed: boolean; confidence, changed-probability,
// caption-ms: doubles.
StructurePtr ToStructure(const CaptionRecord& caption, const char* name);

}  // namespace stillwatch::gst
