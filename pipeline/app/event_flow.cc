#include "pipeline/app/event_flow.h"

#include <algorithm>
#include <chrono>

#include "pipeline/bus/jpeg.h"
#include "storage/store/event_store.h"

namespace stillwatch::app {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

model::Picture PictureOf(const Frame& frame) {
  return {.rgb = frame.rgb, .width = frame.width, .height = frame.height};
}

}  // namespace

void AssignZones(const std::vector<config::ZoneConfig>& zones, ChangeEvent* event) {
  // A region of which a tenth lies in a zone touches it.  A guess.
  constexpr double kTouches = 0.1;
  std::optional<Severity> highest;
  for (const config::ZoneConfig& zone : zones) {
    const bool touched = std::any_of(
        event->regions.begin(), event->regions.end(),
        [&zone](const Region& region) { return Coverage(zone.coordinates, region) >= kTouches; });
    if (!touched) continue;
    event->zones.push_back(zone.name);
    highest = std::max(highest.value_or(zone.severity), zone.severity);
  }
  event->severity = highest.value_or(Severity::kMedium);
}

ChangeEvent EventFlow::Begin(const select::SelectedPair& pair, double select_ms) const {
  ChangeEvent event{
      .id = pair.event_id,
      .type = pair.step,
      .time = pair.current->captured_at,
      .camera = options_.camera,
      .kind = pair.kind,
      .caption_status = captioner_ == nullptr ? CaptionStatus::kOff : CaptionStatus::kPending,
      .regions = pair.regions,
      .reference = MomentOf(*pair.reference),
      .current = MomentOf(*pair.current),
      .why = pair.why,
      .latency = {.select_ms = select_ms}};
  AssignZones(options_.zones, &event);
  if (IsCamera(pair.step)) event.caption_status = CaptionStatus::kOff;  // Nothing to compare.
  event.state = StateAfter(pair.step);
  if (pair.step == EventType::kChangeResolved) {
    // The event is the same one: what it was called stays.
    if (const auto known = open_.find(pair.event_id); known != open_.end()) {
      event.kind = known->second.kind;
      event.caption = known->second.caption;
      event.caption_status = known->second.caption_status;
      event.confidence = known->second.confidence;
      event.model = known->second.model;
    }
  }
  return event;
}

Status EventFlow::Store(const select::SelectedPair& pair, ChangeEvent* event) {
  if (store_ == nullptr) return {};
  const auto start = Clock::now();
  const auto reference = bus::EncodeJpeg(*pair.reference);
  if (!reference) return reference.error();
  const auto current = bus::EncodeJpeg(*pair.current);
  if (!current) return current.error();
  const auto appended = store_->Append(*event, *reference, *current);
  if (!appended) return appended.error();
  // Not the store's whole answer: scanned a second time, that tells how the event ended.
  event->seq = appended->seq;
  event->source = appended->event.source;
  event->latency.store_ms = MillisecondsSince(start);
  return {};
}

bool EventFlow::Caption(const select::SelectedPair& pair, ChangeEvent* event) {
  const auto start = Clock::now();
  const auto result = captioner_->Caption({.reference = PictureOf(*pair.reference),
                                           .current = PictureOf(*pair.current),
                                           .regions = pair.regions,
                                           .kind = model::KindToTell(pair.kind)});
  event->latency.caption_ms = MillisecondsSince(start);
  event->model = captioner_->name();
  if (!result) {
    event->caption_status = CaptionStatus::kFailed;
    return true;
  }
  caption_ms_.push_back(event->latency.caption_ms);
  event->caption_status = CaptionStatus::kReady;
  event->caption = result->caption;
  event->confidence = result->confidence;
  if (result->changed) event->kind = result->kind;
  return result->changed_probability >= options_.dismiss_below;
}

Result<std::optional<ChangeEvent>> EventFlow::Take(const select::SelectedPair& pair,
                                                   double select_ms) {
  ChangeEvent event = Begin(pair, select_ms);
  const bool resolved = pair.step == EventType::kChangeResolved;
  if (captioner_ != nullptr && !resolved && !IsCamera(pair.step) && !Caption(pair, &event)) {
    ++dismissed_;
    return std::nullopt;
  }
  if (const Status stored = Store(pair, &event); !stored.ok()) return Failure(stored);
  if (resolved) {
    open_.erase(pair.event_id);
  } else {
    open_[pair.event_id] = event;
  }
  return event;
}

}  // namespace stillwatch::app
