#include "plugins/zmqeventsink/event_of.h"

#include "pipeline/bus/jpeg.h"

namespace stillwatch::gst {
ChangeEvent EventOf(const PairRecord& pair, const CaptionRecord* caption,
                    const std::string& camera) {
  ChangeEvent event{.id = pair.event_id,
                    .type = pair.step,
                    .time = pair.current->captured_at,
                    .camera = camera.empty() ? pair.camera : camera,
                    .state = StateAfter(pair.step),
                    .kind = pair.kind,
                    .regions = pair.regions,
                    .reference = MomentOf(*pair.reference),
                    .current = MomentOf(*pair.current),
                    .why = pair.why,
                    .latency = {.select_ms = pair.select_ms}};
  if (caption != nullptr) {
    event.caption = caption->caption;
    event.caption_status = CaptionStatus::kReady;
    event.confidence = caption->confidence;
    if (caption->changed) event.kind = caption->kind;
    event.model = caption->model;
    event.latency.caption_ms = caption->caption_ms;
  }
  return event;
}

OutgoingEvent OutgoingOf(const PairRecord& pair, const std::vector<CaptionMeta::Ptr>& captions,
                         const std::string& camera) {
  const CaptionRecord* caption = nullptr;
  for (const CaptionMeta::Ptr& candidate : captions) {
    if (candidate->event_id == pair.event_id) caption = candidate.get();
  }
  return {.event = EventOf(pair, caption, camera),
          .reference_jpeg = bus::EncodeJpeg(*pair.reference).value_or(""),
          .current_jpeg = bus::EncodeJpeg(*pair.current).value_or("")};
}

}  // namespace stillwatch::gst
