#include "pipeline/bench/totals.h"

#include <algorithm>

namespace stillwatch::bench {

void Add(const ClipResult& result, Totals* totals) {
  ++totals->clips;
  for (std::size_t i = 0; i < result.suppressed.size(); ++i) {
    totals->suppressed[i] += result.suppressed[i];
  }
  totals->minutes += result.covered_s / 60;
  if (!result.series) {
    totals->video_minutes += result.covered_s / 60;
    totals->scan_cpu_s += result.scan_cpu_s;
  }
  if (result.decode_cpu_s) {
    totals->compared_cpu_s += result.scan_cpu_s;
    totals->decode_cpu_s += *result.decode_cpu_s;
  }
  if (result.bays) {
    const score::BayReport& bays = *result.bays;
    totals->changes += bays.total;
    totals->found += bays.found;
    totals->kinds_right += bays.kinds_right;
    totals->duplicates += bays.duplicates;
    totals->bay_steps += bays.unchanged_steps;
    totals->bay_alarms += static_cast<int>(bays.alarms.size());
  }
  if (result.score) {
    const score::ScoreReport& score = *result.score;
    totals->hours += result.covered_s / 3600;
    totals->changes += score.total;
    totals->found += score.found;
    totals->kinds_right += score.kinds_right;
    totals->duplicates += score.duplicates;
    totals->false_alarms += score.false_alarms;
    for (const score::ChangeScore& change : score.changes) {
      if (change.message) totals->delays_s.push_back(DelayOf(result, change));
    }
  }
  if (result.camera) {
    const score::CameraReport& camera = *result.camera;
    totals->camera_events += camera.total;
    totals->camera_found += camera.found;
    totals->camera_wrong_type += camera.wrong_type;
    totals->camera_duplicates += camera.duplicates;
    totals->camera_false_alarms += camera.false_alarms;
    totals->changes_in_trouble += camera.changes_meanwhile;
  }
  if (!result.score && !result.bays) {
    totals->unjudged += static_cast<int>(std::count_if(
        result.events.begin(), result.events.end(),
        [](const ChangeEvent& event) { return event.type == EventType::kChangeDetected; }));
  }
}

std::vector<Totals> TotalsOf(const std::vector<ClipResult>& results) {
  std::vector<Totals> all;
  Totals total{.name = "total"};
  for (const ClipResult& result : results) {
    Add(result, &total);
    const std::string& suite = result.clip.suite;
    if (suite.empty()) continue;
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const Totals& each) { return each.name == suite; });
    if (at == all.end()) at = all.insert(all.end(), Totals{.name = suite});
    Add(result, &*at);
  }
  all.push_back(std::move(total));
  return all;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace stillwatch::bench
