#include "pipeline/clips/suites.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <initializer_list>
#include <optional>
#include <utility>

#include <opencv2/core.hpp>

#include "model/data/paste.h"
#include "model/data/random.h"
#include "pipeline/clips/stage.h"

namespace stillwatch::clips {
namespace {

using std::chrono::milliseconds;
using Numbers = std::initializer_list<std::pair<const std::string, double>>;
using Words = std::initializer_list<std::pair<const std::string, std::string>>;

constexpr double kHour = 3600;

// How a clip is looked at: as a user would set it, and closer.
struct Setting {
  milliseconds interval, settle;
};
constexpr Setting kSettings[] = {{milliseconds(500), milliseconds(3000)},
                                 {milliseconds(1000), milliseconds(5000)},
                                 {milliseconds(2000), milliseconds(8000)}};

// Writes one script; every choice comes from the seed, the suite and the clip's number.
class Draft {
 public:
  Draft(const std::string& suite, int number, const std::string& title, Place place,
        std::uint64_t seed, const Scenery& scenery)
      : scenery_(scenery),
        place_(place),
        random_(data::Random::For(seed * 131 + static_cast<std::uint64_t>(suite[0]) * 7 +
                                      static_cast<std::uint64_t>(suite[1]),
                                  static_cast<std::uint64_t>(number))) {
    char name[96];
    std::snprintf(name, sizeof name, "%s_%02d_%s", suite.c_str(), number, title.c_str());
    script.name = name;
    script.suite = suite;
    script.seed = random_.Bits() % 1000000007;
    script.background = random_.Pick(scenery.backgrounds(place));
    script.horizon = random_.Range(0.2, 0.38);
    script.person = place != Place::kRoom ? random_.Range(0.34, 0.52) : random_.Range(0.6, 0.85);
    script.noise = random_.Range(0.8, 2.4);
    script.exposure = random_.Range(0.3, 0.8);
    script.quality = random_.Chance(0.5) ? "good" : "usual";
    const Setting& setting = kSettings[number % 3];
    script.interval = setting.interval;
    script.settle = setting.settle;
    script.acts.clear();
  }

  data::Random& random() { return random_; }
  double Range(double low, double high) { return random_.Range(low, high); }

  void Do(const std::string& what, double at, double length, Numbers numbers = {},
          Words words = {}) {
    script.acts.push_back(
        {.what = what, .at = at, .length = length, .numbers = numbers, .words = words});
  }
  void Always(const std::string& what, Numbers numbers = {}, Words words = {}) {
    Do(what, 0, Act::kEndless, numbers, words);
  }

  // Somebody crosses every `every` seconds or so; most of them walk through, some stop.
  void PassersBy(double from, double until, double every) {
    for (double t = from + Range(0, every); t < until; t += every * Range(0.6, 1.5)) {
      const double stops = random_.Chance(0.25) ? Range(1, 3) : 0;
      Do("pass", t, Act::kEndless,
         {{"y", Range(0.82, 1.05)}, {"pause", stops}, {"pause_x", Range(0.2, 0.8)}});
    }
  }

  // A thing that is left, or stands there from the start (`at` < 0); its id, or -1 where no place
  // could be found.
  int Leave(double at, const std::string& by, double leftmost = 0.1, double rightmost = 0.9) {
    for (int tries = 0; tries < 60; ++tries) {
      const data::Thing* thing = random_.Pick(scenery_.objects());
      const char* places = place_ != Place::kRoom ? "sc" : "r";
      if (thing->places.find_first_of(places) == std::string::npos) continue;
      const Act act{.what = at < 0 ? "stand" : "leave",
                    .at = std::max(0.0, at),
                    .length = Act::kEndless,
                    .numbers = {{"id", next_id_},
                                {"x", Range(leftmost, rightmost)},
                                {"y", Range(0.62, 0.97)},
                                {"scale", Range(0.9, 1.25)},
                                {"mirrored", random_.Chance(0.5) ? 1.0 : 0.0}},
                    .words = {{"object", thing->id}}};
      const auto box = Seen(act);
      if (!box || Taken(*box)) continue;
      script.acts.push_back(act);
      if (at >= 0 && !by.empty()) script.acts.back().words["by"] = by;
      boxes_.push_back(*box);
      return next_id_++;
    }
    return -1;
  }

  void Take(int id, double at, const std::string& by) {
    if (id < 0) return;
    Do("take", at, Act::kEndless, {{"id", id}});
    if (!by.empty()) script.acts.back().words["by"] = by;
  }

  // By at least its own width, to where nothing else stands.
  void Move(int id, double at, const std::string& by) {
    if (id < 0) return;
    const Act* first = nullptr;
    for (const Act& act : script.acts) {
      if (act.Number("id", -1) == id) first = &act;
    }
    for (int tries = 0; tries < 40; ++tries) {
      Act probe = *first;
      const double x = Range(0.08, 0.92);
      if (std::abs(x - first->Number("x", 0)) < 0.15) continue;
      probe.numbers["x"] = x;
      const auto box = Seen(probe);
      if (!box || Taken(*box)) continue;
      Do("move", at, Act::kEndless, {{"id", id}, {"x", x}, {"y", first->Number("y", 0.8)}});
      if (!by.empty()) script.acts.back().words["by"] = by;
      boxes_.push_back(*box);
      return;
    }
  }

  // The script, its acts in the order of time.
  Script Finish(double seconds) {
    script.seconds = seconds;
    std::stable_sort(script.acts.begin(), script.acts.end(),
                     [](const Act& a, const Act& b) { return a.at < b.at; });
    return script;
  }

  Script script;

 private:
  // Where it would be seen, pixels of the plate; nothing where it could not be made out.
  std::optional<data::Box> Seen(const Act& act) const {
    constexpr double kDiffers = 22, kOfItsBox = 0.3;  // By eye: plain to see, not glaring.
    constexpr double kLeast = 0.002, kMost = 0.09;    // Of the picture.
    Script probe = script;
    probe.acts = {act};
    probe.acts[0].what = "leave";
    probe.acts[0].at = 1;
    probe.acts[0].words.erase("by");
    auto stage = Stage::Create(probe, scenery_);
    if (!stage) return std::nullopt;
    const data::Box box = stage->changes()[0].places[0];
    const double view = static_cast<double>(script.width) * script.height;
    const double area = box.width() * box.height() / view;
    const double left = stage->margin_x() + 3, top = stage->margin_y() + 3;
    const bool whole = box.x0 >= left && box.y0 >= top && box.x1 <= left + script.width - 6 &&
                       box.y1 <= top + script.height - 6;
    if (!whole || area < kLeast || area > kMost) return std::nullopt;
    const cv::Rect place(static_cast<int>(box.x0), static_cast<int>(box.y0),
                         static_cast<int>(box.width()), static_cast<int>(box.height()));
    const data::Image before = stage->At(0);
    cv::Mat difference;
    cv::absdiff(data::View(before)(place), data::View(stage->At(2))(place), difference);
    int plain = 0;
    for (int y = 0; y < difference.rows; ++y) {
      for (int x = 0; x < difference.cols; ++x) {
        const auto& pixel = difference.at<cv::Vec3b>(y, x);
        plain += (pixel[0] + pixel[1] + pixel[2]) / 3 > kDiffers;
      }
    }
    if (plain < kOfItsBox * place.area()) return std::nullopt;
    return box;
  }

  bool Taken(const data::Box& box) const {
    const data::Box grown{box.x0 - 0.3 * box.width(), box.y0 - 0.3 * box.height(),
                          box.x1 + 0.3 * box.width(), box.y1 + 0.3 * box.height()};
    return std::any_of(boxes_.begin(), boxes_.end(), [&](const data::Box& other) {
      return data::Intersection(grown, other) > 0;
    });
  }

  const Scenery& scenery_;
  const Place place_;
  data::Random random_;
  int next_id_ = 1;
  std::vector<data::Box> boxes_;
};

// Writes a suite clip by clip.
class Suite {
 public:
  Suite(std::string name, std::uint64_t seed, const Scenery& scenery)
      : name_(std::move(name)), seed_(seed), scenery_(scenery) {}

  void Clip(const std::string& title, Place place, double seconds,
            const std::function<void(Draft&)>& write) {
    Draft draft(name_, static_cast<int>(scripts_.size()) + 1, title, place, seed_, scenery_);
    write(draft);
    scripts_.push_back(draft.Finish(seconds));
  }
  std::vector<Script> Take() { return std::move(scripts_); }

 private:
  const std::string name_;
  const std::uint64_t seed_;
  const Scenery& scenery_;
  std::vector<Script> scripts_;
};

void Night(Draft& d, double at) {
  d.Do("infrared", at, Act::kEndless);
  d.script.noise = 2.5;
}

// A whole day in pictures `every` seconds apart.
void Series(Draft& d, double every, Setting setting) {
  d.script.pictures = true;
  d.script.fps = 1 / every;
  d.script.interval = setting.interval;
  d.script.settle = setting.settle;
}

void Light(Suite& suite) {
  suite.Clip("clouds", Place::kYard, 120, [](Draft& d) {
    d.Always("cloud", {{"strength", d.Range(0.4, 0.6)}, {"period", d.Range(25, 50)}});
    d.PassersBy(5, 115, 30);
  });
  suite.Clip("clouds_indoors", Place::kRoom, 120, [](Draft& d) {
    d.Always("cloud", {{"strength", d.Range(0.3, 0.5)}, {"period", d.Range(20, 40)}});
    d.Always("sun", {{"x", d.Range(0.3, 0.6)}, {"y", 0.75}, {"speed", 0.0004}, {"strength", 0.8}});
  });
  suite.Clip("sun_patch", Place::kRoom, 180, [](Draft& d) {
    d.Do("sun", 25, 120,
         {{"x", d.Range(0.25, 0.5)},
          {"y", d.Range(0.65, 0.85)},
          {"speed", 0.0012},
          {"strength", d.Range(1.0, 1.8)}});
  });
  suite.Clip("leafy_shadow", Place::kYard, 120, [](Draft& d) {
    d.Always("shadow", {{"x", 0.45},
                        {"y", 0.7},
                        {"w", 0.7},
                        {"h", 0.5},
                        {"leafy", 1},
                        {"speed", 0.0006},
                        {"strength", d.Range(0.45, 0.6)}});
    d.PassersBy(5, 115, 40);
  });
  suite.Clip("house_shadow", Place::kYard, 180, [](Draft& d) {
    d.Do("shadow", 15, 150,
         {{"x", d.Range(0.2, 0.4)},
          {"y", 0.75},
          {"w", 0.5},
          {"h", 0.6},
          {"speed", 0.0015},
          {"strength", 0.55}});
  });
  suite.Clip("lamps", Place::kRoom, 120, [](Draft& d) {
    d.Do("lamp", 25, 40, {{"x", d.Range(0.2, 0.8)}, {"strength", d.Range(0.8, 1.6)}});
    d.Do("lamp", 80, 25, {{"x", d.Range(0.2, 0.8)}, {"strength", -0.6}, {"reach", 1.2}});
    d.PassersBy(5, 115, 35);
  });
  suite.Clip("desk_lamp", Place::kRoom, 120, [](Draft& d) {
    d.Always("daylight", {{"to", 0.35}});
    d.script.acts.back().length = 1;
    d.Do("lamp", 30, 50,
         {{"x", d.Range(0.2, 0.8)},
          {"y", d.Range(0.5, 0.8)},
          {"reach", 0.18},
          {"strength", 1.2},
          {"warm", 0.8}});
  });
  suite.Clip("dusk", Place::kView, 180, [](Draft& d) {
    d.Do("daylight", 10, 120, {{"to", 0.06}});
    d.Do("lamp", 95, Act::kEndless, {{"x", 0.8}, {"y", 0.2}, {"strength", 0.5}, {"over", 2}});
  });
  suite.Clip("infrared_switch", Place::kRoom, 180, [](Draft& d) {
    d.Do("daylight", 5, 40, {{"to", 0.15}});
    d.Do("infrared", 50, 80);
    d.Do("daylight", 120, 20, {{"to", 6}});
    d.Do("insects", 55, 70, {{"count", 3}});
    d.PassersBy(10, 170, 45);
  });
  suite.Clip("headlights", Place::kYard, 120, [](Draft& d) {
    d.Always("daylight", {{"to", 0.08}});
    d.script.acts.back().length = 1;
    d.Always("lamp", {{"x", 0.2}, {"y", 0.2}, {"strength", 0.12}});
    for (double t = 15; t < 110; t += d.Range(14, 24)) {
      d.Do("headlights", t, d.Range(2.5, 5), {{"y", d.Range(0.5, 0.7)}},
           {{"from", d.random().Chance(0.5) ? "left" : "right"}});
    }
  });
  suite.Clip("rain", Place::kView, 120, [](Draft& d) {
    d.Do("rain", 20, 85, {{"strength", d.Range(0.5, 0.9)}});
    d.Do("cloud", 10, Act::kEndless, {{"strength", 0.35}, {"period", 60}});
  });
  suite.Clip("snow", Place::kYard, 120, [](Draft& d) {
    d.Do("snow", 15, 90, {{"strength", d.Range(0.5, 0.9)}});
    d.PassersBy(5, 110, 45);
  });
  suite.Clip("insects", Place::kView, 120, [](Draft& d) {
    Night(d, 0);
    d.Always("insects", {{"count", 6}});
    d.Always("clock");
  });
  suite.Clip("leaves", Place::kYard, 120, [](Draft& d) {
    d.Always(
        "leaves",
        {{"x", d.Range(0, 0.2)}, {"y", 0.02}, {"w", 0.4}, {"h", 0.5}, {"strength", d.Range(2, 4)}});
    d.Always("leaves", {{"x", 0.6}, {"y", 0.1}, {"w", 0.35}, {"h", 0.4}, {"strength", 2.5}});
    d.Always("cloud", {{"strength", 0.4}, {"period", 40}});
    d.PassersBy(5, 115, 40);
  });
  suite.Clip("screen", Place::kRoom, 120, [](Draft& d) {
    d.Always("screen", {{"x", d.Range(0.1, 0.6)}, {"y", 0.15}, {"w", 0.2}, {"h", 0.2}});
    d.Always("clock");
    d.PassersBy(5, 115, 25);
  });
  suite.Clip("flicker", Place::kRoom, 120, [](Draft& d) {
    d.Always("flicker", {{"strength", d.Range(0.06, 0.14)}, {"hertz", d.Range(0.7, 1.9)}});
    d.script.exposure = 0.9;
    d.PassersBy(3, 115, 15);
  });
  suite.Clip("poor_compression", Place::kYard, 120, [](Draft& d) {
    d.script.quality = "poor";
    d.script.noise = 3;
    d.Always("cloud", {{"strength", 0.4}, {"period", 35}});
    d.Always("clock", {{"x", 0.5}, {"y", 0.97}});
    d.PassersBy(5, 115, 25);
  });
  suite.Clip("busy_hall", Place::kRoom, 150, [](Draft& d) {
    d.Do("crowd", 10, 120, {{"x", 0.5}, {"people", 5}, {"spread", 0.35}, {"calm", 3}});
    d.PassersBy(3, 140, 12);
  });
  suite.Clip("day_outdoors", Place::kYard, 24 * kHour, [](Draft& d) {
    Series(d, 120, {milliseconds(120000), milliseconds(360000)});
    d.Do("day", 0, 24 * kHour, {{"from", 0}, {"hours", 24}});
    d.Always("cloud", {{"strength", 0.4}, {"period", 2000}});
    d.Always("lamp", {{"x", 0.75}, {"y", 0.2}, {"strength", 0.1}});
    d.Do("shadow", 8 * kHour, 9 * kHour,
         {{"x", 0.2}, {"y", 0.75}, {"w", 0.4}, {"h", 0.4}, {"speed", 0.00002}, {"strength", 0.5}});
    d.Always("clock");
    d.PassersBy(7 * kHour, 20 * kHour, 600);
  });
  suite.Clip("day_indoors", Place::kRoom, 24 * kHour, [](Draft& d) {
    Series(d, 120, {milliseconds(120000), milliseconds(360000)});
    d.Do("day", 0, 24 * kHour, {{"from", 0}, {"hours", 24}});
    d.Do("lamp", 6.5 * kHour, 2.5 * kHour, {{"strength", 0.9}, {"reach", 0.9}});
    d.Do("lamp", 16.5 * kHour, 5 * kHour, {{"strength", 0.9}, {"reach", 0.9}});
    d.Do("infrared", 22 * kHour, 2 * kHour);
    d.Do("sun", 9 * kHour, 6 * kHour,
         {{"x", 0.2}, {"y", 0.8}, {"speed", 0.00002}, {"strength", 1.2}});
    d.PassersBy(7 * kHour, 21 * kHour, 500);
  });
}

void Viewpoint(Suite& suite) {
  // `later`: a thing is left in the new view, 75 s after the bump: the new baseline must stand.
  const auto bump = [&](const std::string& title, Place place, double degrees, double roll,
                        bool later) {
    suite.Clip(title, place, later ? 170 : 130, [=](Draft& d) {
      d.script.margin = degrees / 60 + 0.03 + 0.012 * std::abs(roll);
      d.Do("bump", 40, Act::kEndless,
           {{"degrees", degrees}, {"toward", d.Range(0, 360)}, {"roll", roll}});
      d.PassersBy(4, 120, 35);
      if (later) {
        // Near the middle, so that it is in both views.
        d.Leave(115, "any", 0.35, 0.65);
      }
    });
  };
  bump("bump_2deg", Place::kRoom, 1.8, 0, false);
  bump("bump_3deg", Place::kYard, 3, 0.5, true);
  bump("bump_6deg", Place::kRoom, 6, 1.5, true);
  bump("bump_10deg", Place::kYard, 10, 0, false);
  bump("bump_15deg", Place::kRoom, 15, 3, false);
  bump("roll_4deg", Place::kYard, 0.3, 4, false);
  suite.Clip("zoom_in", Place::kRoom, 130, [](Draft& d) {
    d.Do("zoom", 40, Act::kEndless, {{"factor", 1.18}, {"over", 1}});
    d.PassersBy(4, 120, 35);
  });
  suite.Clip("zoom_out", Place::kYard, 130, [](Draft& d) {
    d.script.margin = 0.12;
    d.Do("zoom", 45, Act::kEndless, {{"factor", 0.88}, {"over", 1}});
  });
  suite.Clip("knocked_and_put_back", Place::kRoom, 150, [](Draft& d) {
    d.script.margin = 0.12;
    d.Do("bump", 35, 60, {{"degrees", 5}, {"toward", d.Range(0, 360)}});
  });
  suite.Clip("shake_small", Place::kYard, 120, [](Draft& d) {
    d.Always("shake", {{"strength", 0.004}, {"hertz", 1.7}});
    d.PassersBy(4, 110, 40);
  });
  suite.Clip("shake_large", Place::kYard, 120, [](Draft& d) {
    d.Always("shake", {{"strength", 0.011}, {"hertz", 0.9}});
    d.Always("leaves", {{"x", 0.05}, {"y", 0.05}, {"w", 0.3}, {"h", 0.4}});
  });
  suite.Clip("drift", Place::kRoom, 180, [](Draft& d) {
    d.Always("drift", {{"x", 0.012}, {"y", 0.005}});
    d.PassersBy(4, 170, 50);
  });
}

void Tamper(Suite& suite) {
  constexpr double kAt = 35, kFor = 50;
  const auto clip = [&](const std::string& title, Place place,
                        const std::function<void(Draft&)>& write) {
    suite.Clip(title, place, 120, [&](Draft& d) {
      d.PassersBy(3, 30, 20);
      write(d);
    });
  };
  clip("cover_whole", Place::kRoom, [](Draft& d) { d.Do("cover", kAt, kFor, {{"share", 1.2}}); });
  clip("cover_most", Place::kYard, [](Draft& d) {
    d.Do("cover", kAt, kFor, {{"share", 0.75}}, {{"from", "top"}});
  });
  clip("cover_dark", Place::kRoom, [](Draft& d) {
    d.Do("cover", kAt, kFor, {{"share", 1.2}, {"bright", 0.06}}, {{"from", "right"}});
  });
  clip("spray", Place::kYard, [](Draft& d) {
    d.Do("spray", kAt, Act::kEndless, {{"share", 0.85}});
  });
  clip("defocus", Place::kRoom, [](Draft& d) { d.Do("defocus", kAt, kFor, {{"strength", 6}}); });
  clip("defocus_slow", Place::kYard, [](Draft& d) {
    d.Do("defocus", kAt, kFor, {{"strength", 9}, {"over", 8}});
  });
  clip("dark", Place::kRoom, [](Draft& d) { d.Do("dark", kAt, kFor); });
  clip("bright", Place::kYard, [](Draft& d) { d.Do("bright", kAt, kFor); });
  clip("glare", Place::kYard, [](Draft& d) {
    d.Do("glare", kAt, kFor, {{"strength", 2.2}, {"x", d.Range(0.3, 0.7)}, {"y", 0.4}});
  });
  clip("freeze", Place::kRoom, [](Draft& d) {
    d.PassersBy(25, 118, 6);
    d.Do("freeze", kAt, kFor);
    d.Always("clock");
  });
  clip("grey_frames", Place::kYard, [](Draft& d) {
    for (const double t : {30.0, 55.0, 80.0}) d.Do("grey", t, 2, {{"frames", 4}});
  });
  clip("torn_frames", Place::kRoom, [](Draft& d) {
    for (double t = 20; t < 110; t += d.Range(6, 14)) d.Do("torn", t, 2, {{"frames", 2}});
  });
  clip("focus_drifts", Place::kYard, [](Draft& d) {  // With the seasons: none.
    d.Do("defocus", 10, 105, {{"strength", 0.9}, {"over", 80}});
  });
}

void Change(Suite& suite) {
  // Left, taken and moved by people; `nuisance` makes it harder.
  const auto clip = [&](const std::string& title, Place place, const std::string& by,
                        const std::function<void(Draft&)>& nuisance) {
    suite.Clip(title, place, 170, [&](Draft& d) {
      const int standing = d.Leave(-1, "");
      d.Leave(-1, "");  // Stays all the time.
      const int left = d.Leave(25, by);
      d.Take(standing, 60, by);
      if (d.random().Chance(0.5)) {
        d.Move(left, 95, by);
      } else {
        d.Leave(95, by);
      }
      d.Take(left, 130, by);
      nuisance(d);
    });
  };
  clip("plain", Place::kRoom, "", [](Draft&) {});
  clip("plain_outdoors", Place::kYard, "", [](Draft&) {});
  clip("by_people", Place::kRoom, "any", [](Draft&) {});
  clip("by_people_outdoors", Place::kYard, "any", [](Draft& d) { d.PassersBy(5, 160, 25); });
  clip("clouds", Place::kYard, "any", [](Draft& d) {
    d.Always("cloud", {{"strength", 0.5}, {"period", 35}});
  });
  clip("sun_patch", Place::kRoom, "any", [](Draft& d) {
    d.Do("sun", 10, 150, {{"x", 0.3}, {"y", 0.75}, {"speed", 0.001}, {"strength", 1.2}});
  });
  clip("lamps", Place::kRoom, "any", [](Draft& d) {
    d.Do("lamp", 45, 60, {{"x", d.Range(0.2, 0.8)}, {"strength", 1}});
  });
  clip("rain", Place::kYard, "any", [](Draft& d) { d.Always("rain", {{"strength", 0.6}}); });
  clip("leaves_and_shake", Place::kYard, "any", [](Draft& d) {
    d.Always("leaves", {{"x", 0.1}, {"y", 0.02}, {"w", 0.5}, {"h", 0.45}});
    d.Always("shake", {{"strength", 0.004}});
  });
  clip("poor_compression", Place::kRoom, "any", [](Draft& d) {
    d.script.quality = "poor";
    d.script.noise = 3;
    d.PassersBy(5, 160, 30);
  });
  clip("infrared", Place::kRoom, "any", [](Draft& d) {
    Night(d, 0);
    d.Always("insects", {{"count", 3}});
  });
  clip("dusk", Place::kYard, "any", [](Draft& d) {
    d.Do("daylight", 15, 120, {{"to", 0.12}});
    d.Do("lamp", 70, Act::kEndless, {{"x", 0.5}, {"y", 0.2}, {"strength", 0.35}, {"over", 2}});
  });
  suite.Clip("behind_a_crowd", Place::kRoom, 240, [](Draft& d) {
    const int id = d.Leave(30, "any");
    double x = 0.5, y = 0.9;
    for (const Act& act : d.script.acts) {
      if (act.Number("id", -1) == id) x = act.Number("x", x), y = act.Number("y", y);
    }
    d.Do("crowd", 38, 100,
         {{"x", x}, {"y", std::min(1.05, y + 0.08)}, {"people", 4}, {"spread", 0.1}, {"calm", 4}});
    d.Take(id, 195, "any");
    d.PassersBy(5, 230, 30);
  });
  suite.Clip("busy_hall", Place::kRoom, 200, [](Draft& d) {
    const int id = d.Leave(-1, "");
    d.Leave(45, "any");
    d.Take(id, 110, "any");
    d.PassersBy(3, 190, 9);
  });
}

void Repeat(Suite& suite) {
  // One thing stays for hours: told once, whatever passes before it.
  const auto hours = [&](const std::string& title, Place place,
                         const std::function<void(Draft&)>& write) {
    suite.Clip(title, place, 10 * kHour, [&](Draft& d) {
      Series(d, 40, {milliseconds(40000), milliseconds(120000)});
      d.Leave(-1, "");
      const int id = d.Leave(0.5 * kHour, "");
      d.Take(id, 9 * kHour, "");
      d.PassersBy(60, 10 * kHour, 200);
      write(d);
    });
  };
  hours("day_long", Place::kYard, [](Draft& d) {
    d.Do("day", 0, 10 * kHour, {{"from", 8}, {"hours", 10}});
    d.Always("cloud", {{"strength", 0.45}, {"period", 1500}});
  });
  hours("lamps", Place::kRoom, [](Draft& d) {
    for (double t = kHour; t < 9 * kHour; t += 2 * kHour) {
      d.Do("lamp", t, kHour, {{"x", d.Range(0.2, 0.8)}, {"strength", 1}, {"reach", 0.8}});
    }
  });
  hours("crowds", Place::kRoom, [](Draft& d) {
    for (double t = kHour; t < 9 * kHour; t += 1.7 * kHour) {
      d.Do("crowd", t, 0.5 * kHour, {{"people", 5}, {"spread", 0.35}, {"y", 1}, {"calm", 90}});
    }
  });
  hours("night_switch", Place::kYard, [](Draft& d) {
    d.Do("day", 0, 10 * kHour, {{"from", 13}, {"hours", 10}});
    d.Do("infrared", 6.2 * kHour, Act::kEndless);
    d.Always("lamp", {{"x", 0.7}, {"y", 0.2}, {"strength", 0.15}});
  });
  suite.Clip("half_an_hour", Place::kRoom, 1800, [](Draft& d) {
    d.script.fps = 1;
    d.script.interval = milliseconds(2000);
    d.script.settle = milliseconds(8000);
    const int id = d.Leave(120, "any");
    d.Take(id, 1680, "any");
    d.Do("lamp", 500, 300, {{"strength", 1}});
    d.Do("crowd", 900, 200, {{"people", 5}, {"spread", 0.3}, {"y", 1}});
    d.Always("cloud", {{"strength", 0.3}, {"period", 200}});
    d.PassersBy(10, 1780, 40);
  });
}

}  // namespace

const std::vector<std::string>& SuiteNames() {
  static const std::vector<std::string> kNames = {"light", "viewpoint", "tamper", "change",
                                                  "repeat"};
  return kNames;
}

Result<std::vector<Script>> MakeSuite(const std::string& name, std::uint64_t seed,
                                      const Scenery& scenery) {
  Suite suite(name, seed, scenery);
  if (name == "light") {
    Light(suite);
  } else if (name == "viewpoint") {
    Viewpoint(suite);
  } else if (name == "tamper") {
    Tamper(suite);
  } else if (name == "change") {
    Change(suite);
  } else if (name == "repeat") {
    Repeat(suite);
  } else {
    return InvalidArgument("there is no suite '" + name +
                           "'; light, viewpoint, tamper, change and repeat are");
  }
  return suite.Take();
}

}  // namespace stillwatch::clips
