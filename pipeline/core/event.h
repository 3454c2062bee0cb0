// ChangeEvent and its words: what happened in front of a camera, as every part of Stillwatch
// speaks of it.  The wire form (CloudEvents JSON) is made of this in pipeline/bus.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/frame.h"
#include "pipeline/core/time.h"

namespace stillwatch {

// Rectangle in fractions (0..1) of the full picture, origin top left.
struct Region {
  double x = 0, y = 0, w = 0, h = 0;
  friend bool operator==(const Region&, const Region&) = default;
};

// Intersection over union, 0..1.
double Iou(const Region& a, const Region& b);

// Smallest rectangle around all; an empty list gives an empty region.
Region BoundingBox(const std::vector<Region>& regions);

// What changed.  The twelve types of the OmniDiff paper (arXiv 2503.11093) with `moved` beside
// its disappearance, and `other`; the last two are what is *not* a change of the scene.
// Stored by name: never rename.
enum class ChangeKind : std::uint8_t {
  kAdded,
  kRemoved,
  kMoved,
  kReplaced,
  kResized,
  kRecolored,
  kTurned,
  kPosed,
  kText,
  kCount,
  kOther,
  kViewpoint,
  kIllumination,
};
inline constexpr int kChangeKindCount = 13;

// Life of a change event: open -> resolved (the scene is back) or accepted (the new normal).
enum class EventState : std::uint8_t { kOpen, kResolved, kAccepted };

// What a message says of an event.  `org.stillwatch.<name>.v1` on the wire.  Never rename.
enum class EventType : std::uint8_t {
  kChangeDetected,
  kChangeUpdated,
  kChangeResolved,
  kChangeAccepted,
  // Trouble with the camera itself, and its end (under the id of the trouble).
  kCameraMoved,
  kCameraObstructed,
  kCameraDefocused,
  kCameraDark,
  kCameraBright,
  kCameraFrozen,
  kCameraRecovered,
};
bool IsCamera(EventType type);
// What an event is after this step of its life.
EventState StateAfter(EventType step);

enum class CaptionStatus : std::uint8_t { kPending, kReady, kFailed, kOff };
enum class Severity : std::uint8_t { kLow, kMedium, kHigh };

// Why a candidate was looked at and not reported.
enum class SuppressionReason : std::uint8_t {
  kIllumination,
  kViewpoint,
  kTransient,
  kTooSmall,
  kDuplicate,
  kMasked,
  kModelSaysSame,
};
inline constexpr int kSuppressionReasonCount = 7;

// Enum <-> the word used in JSON, SQL and on the command line ("added", "open", "change.detected").
std::string_view Name(ChangeKind kind);
std::string_view Name(EventState state);
std::string_view Name(EventType type);
std::string_view Name(CaptionStatus status);
std::string_view Name(Severity severity);
std::string_view Name(SuppressionReason reason);
std::optional<ChangeKind> ParseChangeKind(std::string_view name);
std::optional<EventState> ParseEventState(std::string_view name);
std::optional<EventType> ParseEventType(std::string_view name);
std::optional<CaptionStatus> ParseCaptionStatus(std::string_view name);
std::optional<Severity> ParseSeverity(std::string_view name);

// When a picture was taken.
struct Moment {
  TimePoint time{};
  std::optional<std::int64_t> frame{};            // 0-based decode index.
  std::optional<std::chrono::nanoseconds> pts{};  // Stream time.
  friend bool operator==(const Moment&, const Moment&) = default;
};
Moment MomentOf(const Frame& frame);

// The numbers a selection was decided on.
struct Why {
  double aligned_px = 0;  // Shift taken out between reference and current, full-size pixels.
  double illumination_delta = 0;  // Mean absolute brightness difference taken out, 0..1.
  double changed_ratio = 0;       // Changed area over picture area, 0..1.
  double settled_s = 0;           // Seconds the change had been still when it was reported.
  double score = 0;               // 0..1: how sure the selector is.
  friend bool operator==(const Why&, const Why&) = default;
};

struct ModelName {
  std::string name{};         // "m3diff-nano".
  std::string fingerprint{};  // "sha256:..." of the weights.
  friend bool operator==(const ModelName&, const ModelName&) = default;
};

// Milliseconds spent per stage on the way of this event; 0 where a stage has not run.
struct Latency {
  double select_ms = 0;
  double caption_ms = 0;
  double store_ms = 0;
  friend bool operator==(const Latency&, const Latency&) = default;
};

// One message about one lasting change.  `id` is the change's, the same for its whole life: a
// receiver keeps the message with the highest `seq` of each id.
struct ChangeEvent {
  std::string id{};      // ULID.
  std::string source{};  // "urn:stillwatch:<installation>".
  EventType type = EventType::kChangeDetected;
  TimePoint time{};       // When the current picture was taken.
  std::uint64_t seq = 0;  // Given by the store, rising by one per committed message; 0 before.
  std::string camera{};
  std::vector<std::string> zones{};
  Severity severity = Severity::kMedium;
  EventState state = EventState::kOpen;
  ChangeKind kind = ChangeKind::kOther;
  std::string caption{};
  CaptionStatus caption_status = CaptionStatus::kPending;
  double confidence =
      0;  // Calibrated probability that "changed" is right, 0..1; 0 before a caption.
  std::vector<Region> regions{};
  Moment reference{};
  Moment current{};
  Why why{};
  ModelName model{};
  Latency latency{};
};

}  // namespace stillwatch
