#include "pipeline/core/event.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace stillwatch {
namespace {

// One table per enum: position = value.
constexpr std::array<std::string_view, kChangeKindCount> kKinds = {
    "added", "removed", "moved", "replaced", "resized",   "recolored",   "turned",
    "posed", "text",    "count", "other",    "viewpoint", "illumination"};
constexpr std::array<std::string_view, 3> kStates = {"open", "resolved", "accepted"};
constexpr std::array<std::string_view, 11> kTypes = {
    "change.detected", "change.updated",    "change.resolved",  "change.accepted",
    "camera.moved",    "camera.obstructed", "camera.defocused", "camera.dark",
    "camera.bright",   "camera.frozen",     "camera.recovered"};
constexpr std::array<std::string_view, 4> kCaptionStatuses = {"pending", "ready", "failed", "off"};
constexpr std::array<std::string_view, 3> kSeverities = {"low", "medium", "high"};
constexpr std::array<std::string_view, kSuppressionReasonCount> kReasons = {
    "illumination", "viewpoint", "transient",      "too_small",
    "duplicate",    "masked",    "model_says_same"};

template <typename Enum, std::size_t N>
std::optional<Enum> Find(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

}  // namespace

double Iou(const Region& a, const Region& b) {
  const double w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const double h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (a.w * a.h + b.w * b.h - w * h);
}

Region BoundingBox(const std::vector<Region>& regions) {
  if (regions.empty()) return {};
  double x0 = regions[0].x, y0 = regions[0].y, x1 = x0, y1 = y0;
  for (const Region& r : regions) {
    x0 = std::min(x0, r.x);
    y0 = std::min(y0, r.y);
    x1 = std::max(x1, r.x + r.w);
    y1 = std::max(y1, r.y + r.h);
  }
  return {x0, y0, x1 - x0, y1 - y0};
}

std::string_view Name(ChangeKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }
std::string_view Name(EventState state) { return kStates.at(static_cast<std::size_t>(state)); }
std::string_view Name(EventType type) { return kTypes.at(static_cast<std::size_t>(type)); }
std::string_view Name(CaptionStatus status) {
  return kCaptionStatuses.at(static_cast<std::size_t>(status));
}
std::string_view Name(Severity severity) {
  return kSeverities.at(static_cast<std::size_t>(severity));
}
std::string_view Name(SuppressionReason reason) {
  return kReasons.at(static_cast<std::size_t>(reason));
}
std::optional<ChangeKind> ParseChangeKind(std::string_view name) {
  return Find<ChangeKind>(kKinds, name);
}
std::optional<EventState> ParseEventState(std::string_view name) {
  return Find<EventState>(kStates, name);
}
std::optional<EventType> ParseEventType(std::string_view name) {
  return Find<EventType>(kTypes, name);
}
std::optional<CaptionStatus> ParseCaptionStatus(std::string_view name) {
  return Find<CaptionStatus>(kCaptionStatuses, name);
}
std::optional<Severity> ParseSeverity(std::string_view name) {
  return Find<Severity>(kSeverities, name);
}

bool IsCamera(EventType type) { return type >= EventType::kCameraMoved; }

EventState StateAfter(EventType step) {
  switch (step) {
    case EventType::kChangeResolved:
    case EventType::kCameraRecovered:
      return EventState::kResolved;
    case EventType::kChangeAccepted:
    case EventType::kCameraMoved:  // The new view is the new normal.
      return EventState::kAccepted;
    default:
      return EventState::kOpen;
  }
}

Moment MomentOf(const Frame& frame) {
  return {.time = frame.captured_at, .frame = frame.index, .pts = frame.pts};
}

}  // namespace stillwatch
