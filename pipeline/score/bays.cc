#include "pipeline/score/bays.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "pipeline/score/score.h"

namespace stillwatch::score {
namespace {

using nlohmann::json;

constexpr std::int64_t kLatestPictures = 3;  // As in score.cc.

// "2013-04-15_07_00_01.jpg" -> "07:00", as corrections name a step by the clock of its first
// picture.
std::string ClockOf(const std::string& pklot_name) {
  constexpr std::size_t kHour = 11, kLength = 5;
  if (pklot_name.size() < kHour + kLength) return {};
  std::string clock = pklot_name.substr(kHour, kLength);
  clock[2] = ':';
  return clock;
}

std::string SpotOf(const json& from) {
  const json& spot = from.at("spot");
  return spot.is_string() ? spot.get<std::string>() : std::to_string(spot.get<int>());
}

Bay ReadBay(const std::string& name, const json& from, double width, double height) {
  Bay bay{.name = name};
  const json& box = from.at("bbox");
  bay.box = {box.at(0).get<double>() / width, box.at(1).get<double>() / height,
             box.at(2).get<double>() / width, box.at(3).get<double>() / height};
  for (const json& point : from.at("polygon")) {
    bay.outline.push_back({point.at(0).get<double>() / width, point.at(1).get<double>() / height});
  }
  return bay;
}

BaySeries Read(const json& labels, const json& truth) {
  const double width = truth.value("width", 1280), height = truth.value("height", 720);
  BaySeries series;
  for (const auto& [name, spot] : labels.at("spots").items()) {
    series.bays.push_back(ReadBay(name, spot, width, height));
  }
  std::set<std::pair<std::string, std::string>> wrong, verified;  // Clock and spot.
  for (const json& each : truth.value("labels_seen_to_be_wrong", json::array())) {
    wrong.emplace(each.at("clock").get<std::string>(), SpotOf(each));
  }
  for (const json& each : truth.value("verified_events", json::array())) {
    verified.emplace(each.at("before").get<std::string>(), SpotOf(each));
  }
  const json& pictures = labels.at("frames");
  series.pictures = static_cast<std::int64_t>(pictures.size());
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    const json &before = pictures[i - 1], &after = pictures[i];
    const std::string clock = ClockOf(before.value("pklot_name", ""));
    for (std::size_t bay = 0; bay < series.bays.size(); ++bay) {
      const std::string& name = series.bays[bay].name;
      const int was = before.at("occupied").at(name).get<int>();
      const int is = after.at("occupied").at(name).get<int>();
      if (was == is) continue;
      if (wrong.contains({clock, name})) {
        ++series.corrected;
        continue;
      }
      series.changes.push_back(
          {.bay = bay,
           .picture = static_cast<std::int64_t>(i),
           .kind = is != 0 ? ChangeKind::kAdded : ChangeKind::kRemoved,
           .verified = verified.contains({before.at("file").get<std::string>(), name})});
    }
  }
  return series;
}

bool CentreIn(const Bay& bay, const Region& region) {
  return Contains(bay.outline, {region.x + region.w / 2, region.y + region.h / 2});
}

// The last picture at which an event still counts for change `at`.
std::int64_t LastFor(const BaySeries& series, std::size_t at) {
  const BayChange& change = series.changes[at];
  std::int64_t last = change.picture + kLatestPictures;
  for (const BayChange& next : series.changes) {
    if (next.bay == change.bay && next.picture > change.picture) {
      last = std::min(last, next.picture - 1);
    }
  }
  return last;
}

}  // namespace

Result<BaySeries> ParseBays(std::string_view occupancy_text, std::string_view truth_text,
                            std::string_view name) {
  try {
    return Read(json::parse(occupancy_text),
                truth_text.empty() ? json::object() : json::parse(truth_text));
  } catch (const json::exception& error) {
    return DataLoss(std::string(name) + ": not a list of labelled bays: " + error.what());
  }
}

double BayReport::alarms_per_100() const {
  return unchanged_steps > 0 ? 100.0 * static_cast<double>(alarms.size()) / unchanged_steps : 0;
}

BayReport ScoreBays(const BaySeries& series, const std::vector<ChangeEvent>& events) {
  BayReport report;
  report.total = static_cast<int>(series.changes.size());
  for (const BayChange& change : series.changes) {
    report.changes.push_back({.change = change});
    report.verified += change.verified;
  }
  report.unchanged_steps =
      static_cast<int>(series.bays.size()) * std::max(0, static_cast<int>(series.pictures) - 1) -
      report.total;

  std::set<std::pair<std::size_t, std::int64_t>> alarmed;
  std::vector<int> detections(series.changes.size(), 0);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const ChangeEvent& event = events[i];
    const bool detected = event.type == EventType::kChangeDetected;
    if ((!detected && event.type != EventType::kChangeResolved) || !event.current.frame) continue;
    const std::int64_t picture = *event.current.frame;
    bool touched = false;
    std::set<std::size_t> credited;  // A change counts once for an event, whatever its regions.
    for (const Region& region : event.regions) {
      std::vector<std::size_t> unexplained;
      bool explained = false;
      for (std::size_t bay = 0; bay < series.bays.size(); ++bay) {
        const bool inside = CentreIn(series.bays[bay], region);
        if (!inside && !SamePlace(region, series.bays[bay].box)) continue;
        touched = true;
        bool right = false;
        for (std::size_t k = 0; k < series.changes.size(); ++k) {
          const BayChange& change = series.changes[k];
          if (change.bay != bay || picture < change.picture || picture > LastFor(series, k))
            continue;
          right = true;
          if (!credited.insert(k).second) continue;
          BayChangeScore& score = report.changes[k];
          if (detected && detections[k]++ > 0) {
            ++score.duplicates;
            ++report.duplicates;
          }
          if (score.message) continue;
          score.message = i;
          score.pictures_late = picture - change.picture;
          score.kind_right = Happening(event) == change.kind;
          ++report.found;
          report.kinds_right += score.kind_right;
          report.verified_found += change.verified;
        }
        explained |= right;
        if (!right && inside) unexplained.push_back(bay);
      }
      if (explained) continue;
      for (const std::size_t bay : unexplained) {
        if (alarmed.emplace(bay, picture).second) report.alarms.push_back({bay, picture, i});
      }
    }
    report.elsewhere += !touched;
  }
  return report;
}

}  // namespace stillwatch::score
