// Bays: a series of pictures of which only some places (the bays of a car park) are labelled.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/polygon.h"
#include "pipeline/core/status.h"

namespace stillwatch::score {

struct Bay {
  std::string name{};
  Region box{};       // In fractions of the picture.
  Polygon outline{};  // Likewise.
};

// The label of a bay differs between picture - 1 and picture.
struct BayChange {
  std::size_t bay = 0;  // Of BaySeries::bays.
  std::int64_t picture = 0;
  ChangeKind kind = ChangeKind::kAdded;  // A car came; or removed.
  bool verified = false;                 // Looked at by a person.
};

struct BaySeries {
  std::vector<Bay> bays{};
  std::int64_t pictures = 0;
  std::vector<BayChange> changes{};  // By picture.  Labels that were seen to be wrong are left out.
  int corrected = 0;                 // How many were.
};

// Reads occupancy.json (`spots` with polygon and bbox in pixels, `frames` with file and occupied)
// and, where `truth_text` is not empty, the corrections of a truth.json beside it (width, height,
// verified_events, labels_seen_to_be_wrong).  kDataLoss names the file and the key that is wrong.
[[nodiscard]] Result<BaySeries> ParseBays(std::string_view occupancy_text,
                                          std::string_view truth_text, std::string_view name);

struct BayChangeScore {
  BayChange change{};
  std::optional<std::size_t> message{};
  std::int64_t pictures_late = 0;  // From the first picture that shows it to the event's.
  bool kind_right = false;
  int duplicates = 0;
};

struct BayAlarm {
  std::size_t bay = 0;
  std::int64_t picture = 0;
  std::size_t message = 0;
};

struct BayReport {
  int total = 0, found = 0, kinds_right = 0, duplicates = 0;
  int verified = 0, verified_found = 0;
  int unchanged_steps = 0;  // Bays times steps between pictures, without those of a listed change.
  int elsewhere = 0;        // Events that touch no bay: nothing is known there.
  std::vector<BayChangeScore> changes{};
  std::vector<BayAlarm> alarms{};
  double alarms_per_100() const;
};

// The rule.  A region of an event touches a bay if both are the same place (score.h) or its centre
// lies in the bay.  The event finds the change of a touched bay if its current picture is the first
// that shows the change or one of the three after it, and no later than the bay's next change;
// `resolved` counts as in score.h.  Its further `detected` for one change are duplicates.  A
// touched bay without a change in that time is a false alarm if the region's centre lies in the
// bay, once per bay and picture, and not beside a bay whose change the same region finds.
BayReport ScoreBays(const BaySeries& series, const std::vector<ChangeEvent>& events);

}  // namespace stillwatch::score
