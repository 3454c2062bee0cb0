#include "pipeline/bench/html_report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <system_error>

#include "pipeline/bench/html_page.h"
#include "pipeline/bench/totals.h"

namespace stillwatch::bench {
namespace {

constexpr int kMostCases = 400;  // A page of some 40 MB; browsers stay quick.  A guess.

std::string Fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string WhyText(const Why& why) {
  return "score " + Fixed(why.score, 2) + ", changed " + Fixed(100 * why.changed_ratio, 2) +
         "% of the picture, light " + Fixed(why.illumination_delta, 3) + ", shift " +
         Fixed(why.aligned_px, 1) + " px, still for " + Fixed(why.settled_s, 1) + " s";
}

std::vector<Overlay> Boxes(const std::vector<Region>& regions, const char* style) {
  std::vector<Overlay> overlays;
  for (const Region& region : regions) overlays.push_back({region, style});
  return overlays;
}

// One clip's part of the page, and the pictures it shows.
class ClipSection {
 public:
  ClipSection(const ClipResult& result, int number, bool everything, int* room)
      : result_(result), number_(number), everything_(everything), room_(room) {}

  std::string Build() {
    if (result_.score) {
      for (const score::FalseAlarm& alarm : result_.score->alarms) FalseAlarm(alarm);
      for (std::size_t i = 0; i < result_.score->changes.size(); ++i) Change(i);
    }
    if (result_.bays) BayCases();
    if (result_.camera) CameraCases();
    const bool unjudged = !result_.score && !result_.bays;
    if (everything_ || unjudged) OtherEvents(unjudged);
    if (everything_) PassedOverCases();
    if (cases_.empty()) return {};
    return "<h2 id=\"clip" + std::to_string(number_) + "\">" + Escaped(result_.clip.name) +
           "</h2>" + cases_;
  }

  // CSS rules of the pictures that Build() used.
  std::string Styles() const {
    std::string styles;
    for (const int picture : used_) {
      styles += PictureStyle(ClassOf(picture), result_.jpegs[static_cast<std::size_t>(picture)]);
    }
    return styles;
  }

 private:
  std::string ClassOf(int picture) const {
    return "p" + std::to_string(number_) + "-" + std::to_string(picture);
  }
  double aspect() const {
    return result_.height > 0 ? static_cast<double>(result_.width) / result_.height : 16.0 / 9;
  }
  std::string At(double seconds) const {
    char text[32];
    std::snprintf(text, sizeof text, "%d:%04.1f", static_cast<int>(seconds) / 60,
                  seconds - 60 * static_cast<double>(static_cast<int>(seconds) / 60));
    return text;
  }
  std::string AtFrame(std::int64_t frame) const {
    return result_.fps > 0 ? At(static_cast<double>(frame) / result_.fps)
                           : "picture " + std::to_string(frame);
  }

  void Case(const char* style, const std::string& title, const std::string& note,
            const std::string& why, int reference, int current,
            const std::vector<Overlay>& overlays) {
    if (--*room_ < 0) return;
    std::vector<Region> boxes;
    for (const Overlay& overlay : overlays) boxes.push_back(overlay.box);
    const Region around = BoundingBox(boxes);
    std::string shots, details;
    for (const auto& [picture, label] : {std::pair{reference, "reference"}, {current, "current"}}) {
      if (picture < 0) continue;
      used_.insert(picture);
      shots += WholePicture(ClassOf(picture), aspect(), label, overlays);
      if (!boxes.empty()) details += Detail(ClassOf(picture), aspect(), label, around);
    }
    cases_ += std::string("<section class=\"case ") + style + "\"><header><b>" + Escaped(title) +
              "</b><span>" + Escaped(note) + "</span></header><div class=\"shots\">" + shots +
              details + "</div>" +
              (why.empty() ? "" : "<p class=\"why\">" + Escaped(why) + "</p>") + "</section>";
  }

  std::string EventText(std::size_t message) const {
    const ChangeEvent& event = result_.events[message];
    std::string text = std::string(Name(event.type)) + " as " + std::string(Name(event.kind)) +
                       ", told at " + At(result_.told[message].at_s);
    if (!event.caption.empty()) {
      text += ": \"" + event.caption + "\" (sure " + Fixed(event.confidence, 2) + ")";
    }
    return text;
  }

  void EventCase(const char* style, const std::string& title, const std::string& more,
                 std::size_t message, std::vector<Overlay> overlays) {
    shown_.insert(message);
    const Told& told = result_.told[message];
    for (const Overlay& box : Boxes(result_.events[message].regions, "found")) {
      overlays.push_back(box);
    }
    Case(style, title, EventText(message) + more, WhyText(result_.events[message].why),
         told.reference, told.current, overlays);
  }

  void FalseAlarm(const score::FalseAlarm& alarm) {
    const std::string at =
        alarm.at_change
            ? "; at the place of change " + std::to_string(*alarm.at_change) + ", at another time"
            : "";
    EventCase("alarm", "False alarm", at, alarm.message, {});
  }

  // What became of a missed change: the candidates at its place and time.
  std::string Fate(const Region& place, std::int64_t first, std::int64_t last) const {
    std::map<std::string, int> reasons;
    std::string strongest;
    double best = -1;
    for (const PassedOver& passed : result_.passed_over) {
      const std::int64_t frame = passed.pair.at.frame.value_or(-1);
      const bool here =
          std::any_of(passed.pair.regions.begin(), passed.pair.regions.end(),
                      [&](const Region& region) { return score::SamePlace(region, place); });
      if (!here || frame < first || frame > last) continue;
      ++reasons[std::string(Name(passed.pair.reason))];
      if (passed.pair.why.score > best) {
        best = passed.pair.why.score;
        strongest = std::string(Name(passed.pair.reason)) + " at " + AtFrame(frame) + ": " +
                    WhyText(passed.pair.why);
      }
    }
    if (reasons.empty()) return "No candidate at its place: nothing was passed over.";
    std::string text = "Passed over at its place:";
    for (const auto& [reason, count] : reasons) text += " " + std::to_string(count) + " " + reason;
    return text + ". The strongest was " + strongest + ".";
  }

  void Change(std::size_t i) {
    const score::ChangeScore& score = result_.score->changes[i];
    const score::TruthChange& change = score.change;
    const std::string what = std::string(Name(change.kind)) +
                             (change.object.empty() ? "" : " " + change.object) + ", " +
                             AtFrame(change.first_frame) + " to " + AtFrame(change.last_frame);
    const auto listed =
        Boxes(change.parts.empty() ? std::vector<Region>{change.box} : change.parts, "listed");
    if (score.message) {
      if (score.duplicates > 0) {
        EventCase("alarm", "Told again (" + std::to_string(score.duplicates) + "x)", "; " + what,
                  *score.message, listed);
      } else if (everything_ || !score.kind_right) {
        EventCase(score.kind_right ? "right" : "miss",
                  score.kind_right ? "Found" : "Found, of another kind", "; listed: " + what,
                  *score.message, listed);
      }
      return;
    }
    const ChangePictures pictures =
        i < result_.change_pictures.size() ? result_.change_pictures[i] : ChangePictures{};
    const auto late = static_cast<std::int64_t>(60 * std::max(1.0, result_.fps));
    Case(
        "miss", "Missed: " + what, change.caption,
        Fate(change.box, change.first_frame, std::max(change.last_frame, change.clear_from) + late),
        pictures.before, pictures.after, listed);
  }

  void BayCases() {
    const score::BaySeries& series = *result_.clip.bays;
    for (const score::BayAlarm& alarm : result_.bays->alarms) {
      EventCase("alarm", "False alarm in bay " + series.bays[alarm.bay].name,
                ", picture " + std::to_string(alarm.picture), alarm.message,
                {{series.bays[alarm.bay].box, "listed"}});
    }
    for (std::size_t i = 0; i < result_.bays->changes.size(); ++i) {
      const score::BayChangeScore& change = result_.bays->changes[i];
      const score::Bay& bay = series.bays[change.change.bay];
      if (change.message) continue;
      const ChangePictures pictures =
          i < result_.change_pictures.size() ? result_.change_pictures[i] : ChangePictures{};
      Case("miss",
           "Missed: " + std::string(Name(change.change.kind)) + " in bay " + bay.name +
               (change.change.verified ? " (label checked by eye)" : ""),
           "picture " + std::to_string(change.change.picture),
           Fate(bay.box, change.change.picture, change.change.picture + 3), pictures.before,
           pictures.after, {{bay.box, "listed"}});
    }
  }

  void CameraCases() {
    for (const score::CameraEventScore& event : result_.camera->events) {
      if (event.message) {
        shown_.insert(*event.message);
        if (everything_) EventCase("right", "Camera event found", "", *event.message, {});
        continue;
      }
      Case("miss", "Missed: camera." + event.listed.type,
           AtFrame(event.listed.first_frame) + " to " + AtFrame(event.listed.last_frame),
           event.instead.empty() ? "" : "Instead: camera." + event.instead, -1, -1, {});
    }
    for (const std::size_t message : result_.camera->alarms) {
      EventCase("alarm", "False camera event", "", message, {});
    }
  }

  void OtherEvents(bool unjudged) {
    for (std::size_t i = 0; i < result_.events.size(); ++i) {
      if (shown_.contains(i)) continue;
      EventCase("right", unjudged ? "Event (no truth to hold it against)" : "Event", "", i, {});
    }
  }

  void PassedOverCases() {
    for (const PassedOver& passed : result_.passed_over) {
      Case("", "Passed over: " + std::string(Name(passed.pair.reason)),
           passed.pair.at.frame ? AtFrame(*passed.pair.at.frame) : "", WhyText(passed.pair.why), -1,
           passed.picture, Boxes(passed.pair.regions, "found"));
    }
  }

  const ClipResult& result_;
  const int number_;
  const bool everything_;
  int* const room_;  // Cases that the page may still hold.
  std::string cases_;
  std::set<int> used_;
  std::set<std::size_t> shown_;  // Messages.
};

std::string Tile(const std::string& value, const std::string& name, const char* style = "") {
  return std::string("<div class=\"tile\"><b class=\"") + style + "\">" + value + "</b><span>" +
         name + "</span></div>";
}

std::string Tiles(const Totals& total) {
  const auto of = [](int part, int whole) {
    return std::to_string(part) + " of " + std::to_string(whole);
  };
  std::string out = "<div class=\"tiles\">";
  out += Tile(of(total.found, total.changes), "changes found");
  out += Tile(of(total.kinds_right, total.found), "kind right");
  out += Tile(std::to_string(total.false_alarms), "false alarms in " + Fixed(total.hours, 2) + " h",
              total.false_alarms > 0 ? "bad" : "good");
  out += Tile(Fixed(24 * total.alarms_per_hour(), 1), "false alarms per camera-day");
  out += Tile(std::to_string(total.duplicates), "duplicates", total.duplicates > 0 ? "bad" : "");
  out += Tile(Fixed(Median(total.delays_s), 1) + " s", "median time to the event");
  if (total.camera_events > 0) {
    out += Tile(of(total.camera_found, total.camera_events), "camera events found");
  }
  if (total.bay_steps > 0) {
    out += Tile(Fixed(total.alarms_per_100_steps(), 2), "false alarms per 100 unchanged bay-steps");
  }
  out += Tile(Fixed(total.cpu_per_minute(), 2) + " s", "CPU per minute of video");
  return out + "</div>";
}

std::string ClipRow(const ClipResult& result, int number) {
  Totals one;
  Add(result, &one);
  const auto cell = [](const std::string& text, const char* style = "") {
    return std::string("<td class=\"") + style + "\">" + text + "</td>";
  };
  std::string row = "<tr><td><a href=\"#clip" + std::to_string(number) + "\">" +
                    Escaped(result.clip.name) + "</a></td>";
  const int alarms = one.false_alarms + one.bay_alarms;
  row += cell(one.changes > 0 ? std::to_string(one.found) + "/" + std::to_string(one.changes) : "–",
              one.found < one.changes ? "warn" : "");
  row +=
      cell(one.found > 0 ? std::to_string(one.kinds_right) + "/" + std::to_string(one.found) : "–");
  row += cell(std::to_string(alarms), alarms > 0 ? "bad" : "");
  row += cell(std::to_string(one.duplicates), one.duplicates > 0 ? "bad" : "");
  row += cell(one.delays_s.empty() ? "–" : Fixed(Median(one.delays_s), 1) + " s");
  row += cell(one.camera_events > 0
                  ? std::to_string(one.camera_found) + "/" + std::to_string(one.camera_events)
                  : "–",
              one.camera_found < one.camera_events ? "warn" : "");
  row += cell(Fixed(result.covered_s, 0) + " s");
  row += cell(result.series ? "–" : Fixed(one.cpu_per_minute(), 2));
  row += cell(one.decode_cpu_s > 0 ? Fixed(one.decode_ratio(), 2) : "–");
  return row + "</tr>";
}

}  // namespace

Status WriteHtmlReport(const std::filesystem::path& folder, const ReportOptions& options,
                       const std::vector<ClipResult>& results) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::filesystem::path file = folder / "index.html";

  std::string rows, sections, styles;
  int room = kMostCases;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const int number = static_cast<int>(i);
    rows += ClipRow(results[i], number);
    ClipSection section(results[i], number, options.everything, &room);
    sections += section.Build();
    styles += section.Styles();
  }
  std::string body = "<h1>" + Escaped(options.title) +
                     "</h1><p class=\"note\">Solid boxes: what the "
                     "selector reported. Dashed boxes: what the truth file lists.</p>";
  body += Tiles(TotalsOf(results).back());
  body +=
      "<div class=\"scroll\"><table><tr><th>clip</th><th>found</th><th>kind</th><th>false</th>"
      "<th>again</th><th>delay</th><th>camera</th><th>length</th><th>CPU s/min</th>"
      "<th>x decoding</th></tr>" +
      rows + "</table></div>";
  if (sections.empty()) body += "<p class=\"note good\">No miss and no false alarm.</p>";
  if (room < 0) {
    body += "<p class=\"note warn\">" + std::to_string(-room) + " more cases are not shown.</p>";
  }
  body += sections + "<style>" + styles + "</style>";

  std::ofstream out(file, std::ios::binary);
  out << Page(options.title, body);
  if (!out.flush()) return Unavailable(file.string() + ": cannot be written; is there room?");
  return {};
}

}  // namespace stillwatch::bench
