#include "pipeline/bench/result_json.h"

#include <nlohmann/json.hpp>

namespace stillwatch::bench {
namespace {

using json = nlohmann::ordered_json;

json Suppressed(const std::array<std::uint64_t, kSuppressionReasonCount>& counts) {
  json out = json::object();
  for (int i = 0; i < kSuppressionReasonCount; ++i) {
    const std::uint64_t count = counts[static_cast<std::size_t>(i)];
    if (count > 0) out[std::string(Name(static_cast<SuppressionReason>(i)))] = count;
  }
  return out;
}

json Regions(const std::vector<Region>& regions) {
  json out = json::array();
  for (const Region& region : regions) {
    out.push_back({{"x", region.x}, {"y", region.y}, {"w", region.w}, {"h", region.h}});
  }
  return out;
}

json Why(const stillwatch::Why& why) {
  return {{"aligned_px", why.aligned_px},
          {"illumination_delta", why.illumination_delta},
          {"changed_ratio", why.changed_ratio},
          {"settled_s", why.settled_s},
          {"score", why.score}};
}

json Changes(const ClipResult& result) {
  json out = json::array();
  for (const score::ChangeScore& change : result.score->changes) {
    json each{{"id", change.change.id},
              {"kind", Name(change.change.kind)},
              {"object", change.change.object},
              {"found", change.message.has_value()}};
    if (change.message) {
      each["event"] = change.event_id;
      each["by"] = Name(*change.step);
      each["as"] = Name(change.kind);
      each["frame"] = change.frame.value_or(-1);
      each["delay_s"] = DelayOf(result, change);
      each["duplicates"] = change.duplicates;
    }
    out.push_back(std::move(each));
  }
  return out;
}

json Alarms(const ClipResult& result) {
  json out = json::array();
  for (const score::FalseAlarm& alarm : result.score->alarms) {
    json each{{"event", alarm.event_id},           {"step", Name(alarm.step)},
              {"kind", Name(alarm.kind)},          {"frame", alarm.frame.value_or(-1)},
              {"regions", Regions(alarm.regions)}, {"why", Why(result.events[alarm.message].why)}};
    if (alarm.at_change) each["at_change"] = *alarm.at_change;
    out.push_back(std::move(each));
  }
  return out;
}

json Camera(const score::CameraReport& camera) {
  json events = json::array();
  for (const score::CameraEventScore& event : camera.events) {
    json each{{"type", event.listed.type}, {"found", event.message.has_value()}};
    if (event.message) each["delay_s"] = event.delay_s;
    if (!event.instead.empty()) each["instead"] = event.instead;
    if (event.duplicates > 0) each["duplicates"] = event.duplicates;
    events.push_back(std::move(each));
  }
  return {{"events", events},
          {"listed", camera.total},
          {"found", camera.found},
          {"wrong_type", camera.wrong_type},
          {"duplicates", camera.duplicates},
          {"false_alarms", camera.false_alarms},
          {"changes_meanwhile", camera.changes_meanwhile}};
}

json Bays(const score::BayReport& bays) {
  return {{"changes", bays.total},
          {"found", bays.found},
          {"kinds_right", bays.kinds_right},
          {"duplicates", bays.duplicates},
          {"verified", bays.verified},
          {"verified_found", bays.verified_found},
          {"unchanged_steps", bays.unchanged_steps},
          {"false_alarms", bays.alarms.size()},
          {"false_alarms_per_100_steps", bays.alarms_per_100()},
          {"events_elsewhere", bays.elsewhere}};
}

}  // namespace

std::string ResultJson(const ClipResult& result) {
  json out{{"clip", result.clip.name}};
  if (!result.clip.suite.empty()) out["suite"] = result.clip.suite;
  out["interval_ms"] = result.interval.count();
  out["settle_ms"] = result.settle.count();
  out["width"] = result.width;
  out["height"] = result.height;
  out["seconds"] = result.covered_s;
  out["samples"] = result.samples;
  if (result.score) {
    out["changes"] = Changes(result);
    out["found"] = result.score->found;
    out["listed"] = result.score->total;
    out["kinds_right"] = result.score->kinds_right;
    out["duplicates"] = result.score->duplicates;
    out["false_alarms"] = result.score->false_alarms;
    out["alarms"] = Alarms(result);
  }
  if (result.bays) out["bays"] = Bays(*result.bays);
  if (result.camera) out["camera"] = Camera(*result.camera);
  if (!result.score && !result.bays) out["events_without_truth"] = result.events.size();
  out["suppressed"] = Suppressed(result.suppressed);
  out["cpu_s"] = result.scan_cpu_s;
  out["select_cpu_s"] = result.select_cpu_s;
  if (result.decode_cpu_s) out["decode_cpu_s"] = *result.decode_cpu_s;
  if (!result.warnings.empty()) out["warnings"] = result.warnings;
  return out.dump();
}

std::string TotalsJson(const Totals& totals) {
  json out{{"total", totals.name},
           {"clips", totals.clips},
           {"hours", totals.hours},
           {"listed", totals.changes},
           {"found", totals.found},
           {"kinds_right", totals.kinds_right},
           {"duplicates", totals.duplicates},
           {"false_alarms", totals.false_alarms},
           {"false_alarms_per_camera_hour", totals.alarms_per_hour()},
           {"false_alarms_per_camera_day", 24 * totals.alarms_per_hour()},
           {"median_delay_s", Median(totals.delays_s)},
           {"camera_events", totals.camera_events},
           {"camera_found", totals.camera_found},
           {"camera_wrong_type", totals.camera_wrong_type},
           {"camera_duplicates", totals.camera_duplicates},
           {"camera_false_alarms", totals.camera_false_alarms},
           {"changes_in_trouble", totals.changes_in_trouble}};
  if (totals.bay_steps > 0) {
    out["bay_steps"] = totals.bay_steps;
    out["bay_false_alarms"] = totals.bay_alarms;
    out["false_alarms_per_100_steps"] = totals.alarms_per_100_steps();
  }
  if (totals.unjudged > 0) out["events_without_truth"] = totals.unjudged;
  out["suppressed"] = Suppressed(totals.suppressed);
  out["cpu_s_per_minute"] = totals.cpu_per_minute();
  if (totals.decode_cpu_s > 0) out["times_decoding"] = totals.decode_ratio();
  return out.dump();
}

}  // namespace stillwatch::bench
