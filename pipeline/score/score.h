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
  std::optional<std::size_t> message{};  // Its place in the list that was scored.
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
  std::size_t message = 0;         // Its place in the list that was scored.
  std::optional<int> at_change{};  // Too early or too late, at the place of this listed change.
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
// change's span and 15 s after its end (after `clear_from`, where the file has it; three pictures
// in a series of pictures), or until the next change at that place, and one of its regions has an
// IoU of at least 0.1 with the listed box (or a listed part), or has its centre in that box grown
// by half.  `resolved` counts for the change that restores the scene.  An event that finds nothing
// is a false alarm, once per event id; a second `detected` for one change is a duplicate.
// Messages of other types are passed over.
//
// `fps`, `width` and `height` describe the clip as it was decoded; what the truth file says of
// itself comes first.  Pure.
ScoreReport Score(const Truth& truth, const std::vector<ChangeEvent>& events, double fps, int width,
                  int height);

// The rule about places alone, also used for bays: one region of an event and one listed box.
bool SamePlace(const Region& found, const Region& listed);

// The frame an event is about; by its stream time where it has no frame number.
std::optional<std::int64_t> FrameOf(const ChangeEvent& event, double fps);

// What happens to the scene: a removal that is undone puts something back.
ChangeKind Happening(const ChangeEvent& event);

// The report as a table for people.
std::string FormatReport(const ScoreReport& report);

}  // namespace stillwatch::score
