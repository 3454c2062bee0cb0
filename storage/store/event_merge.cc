#include "storage/store/event_merge.h"

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <sstream>

#include "pipeline/core/ulid.h"
#include "storage/store/sha256.h"

namespace stillwatch::store {
namespace {

// The limits of the wire (pipeline/bus/event_json.h), which this folder may not see.
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxSourceBytes = 256;
constexpr std::size_t kMaxCaptionBytes = 2048;
constexpr std::size_t kMaxZones = 32;
constexpr std::size_t kMaxRegions = 256;

bool Finite(std::initializer_list<double> numbers) {
  for (const double number : numbers) {
    if (!std::isfinite(number)) return false;
  }
  return true;
}

bool IsFraction(double value) { return value >= 0 && value <= 1; }

Status CheckModel(const ModelName& model) {
  if (model.name.size() > kMaxNameBytes || model.fingerprint.size() > kMaxSourceBytes) {
    return InvalidArgument("model name or fingerprint is too long");
  }
  return {};
}

}  // namespace

Status CheckEvent(const ChangeEvent& event) {
  if (!IsUlid(event.id)) return InvalidArgument("event '" + event.id + "': id is not a ULID");
  const auto bad = [&event](const char* what) -> Status {
    return InvalidArgument("event " + event.id + ": " + what);
  };
  if (event.camera.empty()) return bad("camera is empty");
  if (event.camera.size() > kMaxNameBytes) return bad("camera is longer than 128 bytes");
  if (event.source.size() > kMaxSourceBytes) return bad("source is longer than 256 bytes");
  if (event.caption.size() > kMaxCaptionBytes) return bad("caption is longer than 2048 bytes");
  if (event.zones.size() > kMaxZones) return bad("more than 32 zones");
  for (const std::string& zone : event.zones) {
    if (zone.size() > kMaxNameBytes) return bad("a zone is longer than 128 bytes");
  }
  if (event.regions.size() > kMaxRegions) return bad("more than 256 regions");
  for (const Region& r : event.regions) {
    if (!IsFraction(r.x) || !IsFraction(r.y) || !IsFraction(r.w) || !IsFraction(r.h)) {
      return bad("a region is not within 0..1");
    }
  }
  if (!IsFraction(event.confidence)) return bad("confidence is not within 0..1");
  if (!Finite({event.why.aligned_px, event.why.illumination_delta, event.why.changed_ratio,
               event.why.settled_s, event.why.score, event.latency.select_ms,
               event.latency.caption_ms, event.latency.store_ms})) {
    return bad("a number is not finite");
  }
  return CheckModel(event.model);
}

Status CheckCaption(const CaptionUpdate& update) {
  if (!IsUlid(update.id)) return InvalidArgument("caption: id is not a ULID");
  if (update.caption.size() > kMaxCaptionBytes) {
    return InvalidArgument("caption of " + update.id + " is longer than 2048 bytes");
  }
  if (!IsFraction(update.confidence) || !std::isfinite(update.caption_ms)) {
    return InvalidArgument("caption of " + update.id + ": a number is out of range");
  }
  return CheckModel(update.model);
}

bool IsClosing(EventType type) {
  return type == EventType::kChangeResolved || type == EventType::kChangeAccepted;
}

ChangeEvent Merge(const ChangeEvent& known, const ChangeEvent& next) {
  if (IsClosing(next.type)) {
    ChangeEvent merged = known;
    merged.type = next.type;
    merged.time = next.time;
    merged.state =
        next.type == EventType::kChangeResolved ? EventState::kResolved : EventState::kAccepted;
    if (!next.caption.empty() && next.caption_status == CaptionStatus::kReady) {
      merged.caption = next.caption;
      merged.caption_status = next.caption_status;
      merged.confidence = next.confidence;
      merged.model = next.model;
    }
    return merged;
  }
  ChangeEvent merged = next;
  merged.source = known.source;
  if (merged.caption.empty()) {
    merged.caption = known.caption;
    // Nobody is going to caption it again: the old words stand.
    if (next.caption_status != CaptionStatus::kPending)
      merged.caption_status = known.caption_status;
    merged.confidence = known.confidence;
    merged.model = known.model;
  }
  if (known.state != EventState::kOpen) merged.state = known.state;
  return merged;
}

ChangeEvent Merge(const ChangeEvent& known, const CaptionUpdate& update) {
  ChangeEvent merged = known;
  merged.type = EventType::kChangeUpdated;
  merged.caption_status = update.status;
  merged.latency.caption_ms = update.caption_ms;
  if (update.status == CaptionStatus::kReady) {
    merged.caption = update.caption;
    merged.confidence = update.confidence;
    merged.model = update.model;
    merged.kind = update.kind.value_or(known.kind);
  }
  return merged;
}

bool Says(const ChangeEvent& known, const CaptionUpdate& update) {
  if (known.caption_status != update.status) return false;
  if (update.status != CaptionStatus::kReady) return true;
  return known.caption == update.caption && known.confidence == update.confidence &&
         known.model == update.model && update.kind.value_or(known.kind) == known.kind;
}

std::string IdentityOf(const ChangeEvent& message) {
  std::string identity = std::string(Name(message.type)) + "|" + message.id;
  if (message.type != EventType::kChangeUpdated) return identity;
  std::ostringstream content;
  content.precision(17);
  content << message.time.time_since_epoch().count() << '|' << Name(message.severity) << '|'
          << Name(message.state) << '|' << Name(message.kind) << '|' << Name(message.caption_status)
          << '|' << message.confidence << '|' << message.caption.size() << '|' << message.caption
          << '|' << message.model.fingerprint;
  for (const Region& r : message.regions) {
    content << '|' << r.x << ',' << r.y << ',' << r.w << ',' << r.h;
  }
  for (const std::string& zone : message.zones) content << '|' << zone.size() << ':' << zone;
  return identity + "|" + Sha256Hex(content.str());
}

}  // namespace stillwatch::store
