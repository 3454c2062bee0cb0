// EventOf and OutgoingOf: a pair and its caption as the event that goes to the recorder.

#pragma once

#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "plugins/common/pair_record.h"
#include "plugins/zmqeventsink/event_outbox.h"

namespace stillwatch::gst {

// A caption that is not there leaves the event pending: the store's captioner may still speak.
// What the model says of the kind goes before what the pixels suggest, if it sees a change at all.
// `camera` replaces the pair's where it is not empty.  `source`, `seq` and `zones` are the store's.
ChangeEvent EventOf(const PairRecord& pair, const CaptionRecord* caption,
                    const std::string& camera);

// The event with both pictures as JPEG, and with the caption of the same event id, if one of them
// is.  A picture that cannot be coded stays empty.
OutgoingEvent OutgoingOf(const PairRecord& pair, const std::vector<CaptionMeta::Ptr>& captions,
                         const std::string& camera);

}  // namespace stillwatch::gst
