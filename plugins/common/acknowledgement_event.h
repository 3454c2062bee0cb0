// The acknowledgement as an event: a sink tells pairselector that a step is stored.

#pragma once

#include <optional>
#include <string>

#include "pipeline/core/event.h"
#include "plugins/common/gst_raii.h"

namespace stillwatch::gst {

// A custom upstream event with the structure "stillwatch-acknowledged": event-id and step
// ("change.detected"), strings.  Any sink may send it; pairselector takes it off the stream.
struct AcknowledgedStep {
  std::string event_id{};
  EventType step = EventType::kChangeDetected;
};

EventPtr MakeAcknowledgement(const AcknowledgedStep& step);
// Nothing: another event.
std::optional<AcknowledgedStep> AcknowledgementOf(GstEvent* event);

}  // namespace stillwatch::gst
