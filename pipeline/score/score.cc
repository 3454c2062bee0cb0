#include "pipeline/score/score.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace stillwatch::score {
namespace {

constexpr double kLatest_s = 15;
constexpr std::int64_t kLatestPictures = 3;  // Of a series; a selector wants two to be sure.
constexpr double kLeastIou = 0.1;
constexpr double kGrownBy = 0.5;

}  // namespace

// IoU counts pixels, and fractions of width and height scale both sides alike.
bool SamePlace(const Region& found, const Region& listed) {
  if (Iou(found, listed) >= kLeastIou) return true;
  const double x = found.x + found.w / 2, y = found.y + found.h / 2;
  const double dx = listed.w * kGrownBy / 2, dy = listed.h * kGrownBy / 2;
  return x >= listed.x - dx && x <= listed.x + listed.w + dx && y >= listed.y - dy &&
         y <= listed.y + listed.h + dy;
}

std::optional<std::int64_t> FrameOf(const ChangeEvent& event, double fps) {
  if (event.current.frame) return event.current.frame;
  if (!event.current.pts || fps <= 0) return std::nullopt;
  return std::llround(std::chrono::duration<double>(*event.current.pts).count() * fps);
}

// What happens to the scene: a removal that is undone puts something back.
ChangeKind Happening(const ChangeEvent& event) {
  if (event.type != EventType::kChangeResolved) return event.kind;
  if (event.kind == ChangeKind::kAdded) return ChangeKind::kRemoved;
  if (event.kind == ChangeKind::kRemoved) return ChangeKind::kAdded;
  return event.kind;
}

namespace {

bool AtPlaceOf(const TruthChange& change, const Region& found) {
  return SamePlace(found, change.box) ||
         std::any_of(change.parts.begin(), change.parts.end(),
                     [&](const Region& part) { return SamePlace(found, part); });
}

// A change with parts happens at its parts; the box around them covers what lies between, too.
std::vector<Region> PlacesOf(const TruthChange& change) {
  return change.parts.empty() ? std::vector<Region>{change.box} : change.parts;
}

bool ShareAPlace(const TruthChange& a, const TruthChange& b) {
  for (const Region& one : PlacesOf(a)) {
    for (const Region& other : PlacesOf(b)) {
      if (SamePlace(one, other) || SamePlace(other, one)) return true;
    }
  }
  return false;
}

// Last frame at which an event still counts for change `at`.
std::int64_t LastFrameFor(const Truth& truth, std::size_t at, double fps) {
  const TruthChange& change = truth.changes[at];
  std::int64_t last =
      std::max(change.last_frame, change.clear_from) +
      std::max(kLatestPictures, static_cast<std::int64_t>(std::llround(kLatest_s * fps)));
  for (std::size_t i = at + 1; i < truth.changes.size(); ++i) {
    const TruthChange& next = truth.changes[i];
    if (next.first_frame > change.last_frame && ShareAPlace(change, next)) {
      last = std::min(last, next.first_frame - 1);
    }
  }
  return last;
}

}  // namespace

ScoreReport Score(const Truth& truth, const std::vector<ChangeEvent>& events, double fps, int width,
                  int height) {
  // Regions and listed boxes are fractions by now, so the size only matters for a truth file that
  // was drawn on another format: then the picture's own shape says nothing more.
  (void)width, (void)height;
  const double rate = truth.fps > 0 ? truth.fps : fps;
  ScoreReport report;
  report.total = static_cast<int>(truth.changes.size());
  for (const TruthChange& change : truth.changes) report.changes.push_back({.change = change});

  std::vector<const ChangeEvent*> ordered;
  for (const ChangeEvent& event : events) {
    if (event.type == EventType::kChangeDetected || event.type == EventType::kChangeResolved) {
      ordered.push_back(&event);
    }
  }
  std::stable_sort(ordered.begin(), ordered.end(), [&](const auto* a, const auto* b) {
    return FrameOf(*a, rate).value_or(-1) < FrameOf(*b, rate).value_or(-1);
  });

  std::vector<int> detections(truth.changes.size(), 0);  // Messages of type detected, per change.
  std::set<std::string> alarmed;
  for (const ChangeEvent* event : ordered) {
    const auto frame = FrameOf(*event, rate);
    const auto message = static_cast<std::size_t>(event - events.data());
    const bool detected = event->type == EventType::kChangeDetected;
    bool matched = false, first = false;
    std::optional<int> at_change;
    ChangeScore* again = nullptr;
    for (std::size_t i = 0; frame && i < truth.changes.size(); ++i) {
      const TruthChange& change = truth.changes[i];
      const bool here =
          std::any_of(event->regions.begin(), event->regions.end(),
                      [&](const Region& region) { return AtPlaceOf(change, region); });
      if (here) at_change = change.id;
      if (!here || *frame < change.first_frame || *frame > LastFrameFor(truth, i, rate)) continue;
      matched = true;
      ChangeScore& score = report.changes[i];
      if (detected && detections[i]++ > 0) {
        again = &score;
      } else {
        first = true;
      }
      if (score.step) continue;
      ++report.found;
      score.event_id = event->id;
      score.message = message;
      score.step = event->type;
      score.frame = frame;
      const std::int64_t over = std::max(change.last_frame, change.clear_from);
      score.delay_s = rate > 0 ? static_cast<double>(*frame - over) / rate : 0;
      score.kind = Happening(*event);
      score.kind_right = score.kind == change.kind;
      report.kinds_right += score.kind_right;
    }
    if (!matched && alarmed.insert(event->id).second) {
      report.alarms.push_back(
          {event->id, message, at_change, event->type, frame, event->kind, event->regions});
    } else if (again != nullptr && !first) {
      ++again->duplicates;
      ++report.duplicates;
    }
  }
  report.false_alarms = static_cast<int>(report.alarms.size());
  return report;
}

std::string FormatReport(const ScoreReport& report) {
  std::string text;
  char line[256];
  const auto add = [&](int length) {
    text.append(line, std::min(sizeof line - 1, static_cast<std::size_t>(std::max(0, length))));
    text += '\n';
  };
  add(std::snprintf(line, sizeof line, "%-4s %-10s %-24s %-13s %-9s %-10s %7s %8s", "id", "kind",
                    "object", "span", "found by", "as", "frame", "delay"));
  for (const ChangeScore& score : report.changes) {
    char span[32];
    std::snprintf(span, sizeof span, "%lld-%lld", static_cast<long long>(score.change.first_frame),
                  static_cast<long long>(score.change.last_frame));
    const std::string kind(Name(score.change.kind)), as(Name(score.kind));
    const std::string object = score.change.object.substr(0, 24);
    if (score.step) {
      const char* by = *score.step == EventType::kChangeResolved ? "resolved" : "detected";
      add(std::snprintf(line, sizeof line, "%-4d %-10s %-24s %-13s %-9s %-10s %7lld %+7.1fs%s",
                        score.change.id, kind.c_str(), object.c_str(), span, by, as.c_str(),
                        static_cast<long long>(score.frame.value_or(-1)), score.delay_s,
                        score.duplicates > 0 ? "  reported again" : ""));
    } else {
      add(std::snprintf(line, sizeof line, "%-4d %-10s %-24s %-13s %s", score.change.id,
                        kind.c_str(), object.c_str(), span, "missed"));
    }
  }
  for (const FalseAlarm& alarm : report.alarms) {
    const Region box = BoundingBox(alarm.regions);
    add(std::snprintf(
        line, sizeof line, "false alarm: %s at frame %lld, %s, around x %.3f y %.3f w %.3f h %.3f",
        std::string(Name(alarm.step)).c_str(), static_cast<long long>(alarm.frame.value_or(-1)),
        std::string(Name(alarm.kind)).c_str(), box.x, box.y, box.w, box.h));
  }
  add(std::snprintf(line, sizeof line,
                    "found %d of %d, false alarms %d, duplicates %d, kinds right %d of %d",
                    report.found, report.total, report.false_alarms, report.duplicates,
                    report.kinds_right, report.found));
  return text;
}

}  // namespace stillwatch::score
