#include "plugins/m3diff/caption_pair.h"

#include <chrono>
#include <utility>

namespace stillwatch::gst {
namespace {

model::Picture PictureOf(const Frame& frame) {
  return {.rgb = frame.rgb, .width = frame.width, .height = frame.height};
}

}  // namespace

bool WantsCaption(const PairRecord& pair) {
  return pair.step == EventType::kChangeDetected || pair.step == EventType::kChangeUpdated;
}

Result<CaptionMeta::Ptr> CaptionPair(model::Captioner& captioner, const PairRecord& pair) {
  const auto since = std::chrono::steady_clock::now();
  auto result = captioner.Caption({.reference = PictureOf(*pair.reference),
                                   .current = PictureOf(*pair.current),
                                   .regions = pair.regions,
                                   .kind = model::KindToTell(pair.kind)});
  if (!result) return Failure(result.error());
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - since;
  return std::make_shared<const CaptionRecord>(
      CaptionRecord{.event_id = pair.event_id,
                    .caption = std::move(result->caption),
                    .changed = result->changed,
                    .changed_probability = result->changed_probability,
                    .confidence = result->confidence,
                    .kind = result->kind,
                    .model = captioner.name(),
                    .caption_ms = took.count()});
}

}  // namespace stillwatch::gst
