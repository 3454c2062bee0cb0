#include "plugins/common/acknowledgement_event.h"

namespace stillwatch::gst {
namespace {
constexpr const char* kName = "stillwatch-acknowledged";
}  // namespace

EventPtr MakeAcknowledgement(const AcknowledgedStep& step) {
  return EventPtr(gst_event_new_custom(
      GST_EVENT_CUSTOM_UPSTREAM,
      gst_structure_new(kName, "event-id", G_TYPE_STRING, step.event_id.c_str(), "step",
                        G_TYPE_STRING, std::string(Name(step.step)).c_str(), nullptr)));
}

std::optional<AcknowledgedStep> AcknowledgementOf(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_CUSTOM_UPSTREAM) return std::nullopt;
  const GstStructure* structure = gst_event_get_structure(event);
  if (structure == nullptr || !gst_structure_has_name(structure, kName)) return std::nullopt;
  const char* id = gst_structure_get_string(structure, "event-id");
  const char* step = gst_structure_get_string(structure, "step");
  const auto type = step != nullptr ? ParseEventType(step) : std::nullopt;
  if (id == nullptr || !type) return std::nullopt;
  return AcknowledgedStep{id, *type};
}

}  // namespace stillwatch::gst
