// Totals: the figures of several clips as one.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/bench/run_clip.h"

namespace stillwatch::bench {

struct Totals {
  std::string name{};
  int clips = 0;
  int changes = 0, found = 0, kinds_right = 0, duplicates = 0, false_alarms = 0;
  int unjudged = 0;                // Events of clips without truth.
  double hours = 0;                // Watched, of clips with a whole truth.
  std::vector<double> delays_s{};  // One per change found.
  int camera_events = 0, camera_found = 0, camera_wrong_type = 0, camera_duplicates = 0;
  int camera_false_alarms = 0;
  int changes_in_trouble = 0;  // Change events while the camera was in trouble.
  int bay_steps = 0, bay_alarms = 0;
  std::array<std::uint64_t, kSuppressionReasonCount> suppressed{};
  double minutes = 0;         // Of all clips.
  double video_minutes = 0;   // Of videos (series of pictures would hide what a video costs),
  double scan_cpu_s = 0;      // and what they cost.
  double compared_cpu_s = 0;  // Of clips whose decoding was measured, too,
  double decode_cpu_s = 0;    // and that.

  double alarms_per_hour() const { return hours > 0 ? false_alarms / hours : 0; }
  double cpu_per_minute() const { return video_minutes > 0 ? scan_cpu_s / video_minutes : 0; }
  double decode_ratio() const { return decode_cpu_s > 0 ? compared_cpu_s / decode_cpu_s : 0; }
  double alarms_per_100_steps() const { return bay_steps > 0 ? 100.0 * bay_alarms / bay_steps : 0; }
};

// Adds one clip.
void Add(const ClipResult& result, Totals* totals);

// The totals of every suite, in the order they first appear, and of all ("total") at the end.
std::vector<Totals> TotalsOf(const std::vector<ClipResult>& results);

// The middle one; 0 for none.
double Median(std::vector<double> values);

}  // namespace stillwatch::bench
