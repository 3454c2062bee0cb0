// Score: holds what was reported of a clip against what happened in it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/score/truth.h"

namespace stillwatch::score {

// What became of one listed change.
struct ChangeScore {
  TruthChange change{};
  std::string event_id{};                // The first event that found it; empty if missed.
  std::optional<EventType> step{};       // detected or resolved.
  std::optional<std::int64_t> frame{};   // Of the event's current picture.
  double delay_s = 0;                    // From the span's end to that frame; may be negative.
  ChangeKind kind = ChangeKind::kOther;  // What the event says happened here.
  bool kind_right = false;
  int duplicates = 0;  // Further events of type detected for the same change.
};

// An event that belongs to no listed change.
struct FalseAlarm {
  std::string event_id{};
  EventType step = EventType::kChangeDetected;
  std::optional<std::int64_t> frame{};
  ChangeKind kind = ChangeKind::kOther;
  std::vector<Region> regions{};
};

struct ScoreReport {
  int total = 0;  // Listed changes.
  int found = 0;
  int kinds_right = 0;
  int false_alarms = 0;
  int duplicates = 0;
  std::vector<ChangeScore> changes{};
  std::vector<FalseAlarm> alarms{};
};

// The rule.  An event finds a listed change if its current frame lies between the start of the
// change's span and 15 s after its end, or until the next change at that place, and one of its
// regions has an IoU of at least 0.1 with the listed box (or a listed part), or has its centre in
// that box grown by half.  `resolved` counts for the change that restores the scene.  An event
// that finds nothing is a false alarm, once per event id; a second `detected` for one change is a
// duplicate.  Messages of other types are passed over.
//
// `fps`, `width` and `height` describe the clip as it was decoded; what the truth file says of
// itself comes first.  Pure.
ScoreReport Score(const Truth& truth, const std::vector<ChangeEvent>& events, double fps, int width,
                  int height);

// The report as a table for people.
std::string FormatReport(const ScoreReport& report);

}  // namespace stillwatch::score
