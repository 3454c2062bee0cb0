#include "pipeline/clips/stage.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace stillwatch::clips {
namespace {

constexpr double kPerson_m = 1.75;
constexpr double kWalks_m_per_s = 1.25;
constexpr double kStoops_s = 1.2;  // Before and after putting something down.

bool Touch(const data::Box& a, const data::Box& b) { return data::Intersection(a, b) > 0; }

double Area(const data::Box& box) { return box.width() * box.height(); }

}  // namespace

double Stage::PxPerM(double y) const {
  const double at = (y - margin_y_) / view_height_;
  // Nobody is smaller than a tenth of the picture, however far up they stand.
  const double height = std::max(0.1, person_ * (at - horizon_) / (1 - horizon_));
  return height * view_height_ / kPerson_m;
}

data::Item Stage::ItemAt(const data::Thing& thing, double x, double y, double scale, int view,
                         bool mirrored) const {
  const auto views = static_cast<int>(thing.views.size());
  return {.thing = &thing,
          .view = &thing.views[static_cast<std::size_t>(((view % views) + views) % views)],
          .x = x,
          .y = y,
          .px_per_m = PxPerM(y) * scale,
          .mirrored = mirrored};
}

Result<Stage> Stage::Create(const Script& script, const Scenery& scenery) {
  Stage stage;
  stage.view_width_ = script.width;
  stage.view_height_ = script.height;
  stage.margin_x_ = static_cast<int>(std::lround(script.margin * script.width));
  stage.margin_y_ = static_cast<int>(std::lround(script.margin * script.height));
  stage.horizon_ = script.horizon;
  stage.person_ = script.person;
  stage.seconds_ = script.seconds;
  // Photographs of things are sharper than a camera's picture of a room.
  stage.look_ = {.shadow = 0.5, .follow = 0.75, .soften_px = 0.6};
  auto plate = scenery.Background(script.background, script.width + 2 * stage.margin_x_,
                                  script.height + 2 * stage.margin_y_);
  if (!plate) return Failure(plate.error());
  stage.plate_ = *std::move(plate);
  for (std::size_t i = 0; i < script.acts.size(); ++i) {
    data::Random random = data::Random::For(script.seed, 1000 + i);
    if (Status status = stage.Add(script.acts[i], script, scenery, random); !status.ok()) {
      return Failure(status.WithContext(script.name));
    }
  }
  return stage;
}

const data::Thing* Stage::Somebody(const Act& act, const Scenery& scenery,
                                   data::Random& random) const {
  const std::string by = act.Word("by");
  if (by.empty() && act.what != "pass") return nullptr;
  if (by.empty() || by == "any") return random.Pick(scenery.people());
  return scenery.Find(by);
}

void Stage::Change(ChangeKind kind, const std::string& object, std::vector<data::Box> places,
                   double at, const Walker* by) {
  StageChange change{
      .kind = kind, .object = object, .first = at, .last = at, .places = std::move(places)};
  if (by != nullptr) {
    // While whoever does it stands before one of the places.
    constexpr double kStep_s = 0.1, kMost_s = 30;
    const auto there = [&](double t) {
      const auto item = ItemOf(*by, t);
      return item &&
             std::any_of(change.places.begin(), change.places.end(),
                         [&](const data::Box& place) { return Touch(data::BoxOf(*item), place); });
    };
    while (at - change.first < kMost_s && there(change.first - kStep_s)) change.first -= kStep_s;
    while (change.last - at < kMost_s && there(change.last + kStep_s)) change.last += kStep_s;
    change.first = std::max(0.0, change.first - kStep_s);
    change.last += kStep_s;
  }
  changes_.push_back(std::move(change));
}

Stage::Walker Stage::Errand(const data::Thing& who, double x, double y, double at, bool from_left,
                            data::Random& random) const {
  const double speed = kWalks_m_per_s * PxPerM(y) * random.Range(0.9, 1.2);
  const double beyond = 0.6 * PxPerM(y);  // Half a person's width, and some.
  const double left = -beyond, right = plate_.width + beyond;
  const double in = from_left ? left : right;
  const double out = random.Chance(0.6) ? in : from_left ? right : left;
  const double arrives = at - kStoops_s, goes = at + kStoops_s;
  return {.who = &who,
          .path = {{arrives - std::abs(x - in) / speed, in, y},
                   {arrives, x, y},
                   {goes, x, y},
                   {goes + std::abs(x - out) / speed, out, y}},
          .seed = random.Bits()};
}

void Stage::AddCrowd(const Act& act, const Script& script, const Scenery& scenery,
                     data::Random& random) {
  const int people = static_cast<int>(act.Number("people", 4));
  const double end = std::min(act.at + act.length, script.seconds + 60);
  for (int i = 0; i < people; ++i) {
    const double y = margin_y_ + view_height_ * (act.Number("y", 0.9) + random.Range(-0.03, 0.05));
    const double spread = act.Number("spread", 0.15);
    const auto spot = [&] {
      return margin_x_ + view_width_ * (act.Number("x", 0.5) + random.Range(-spread, spread));
    };
    const double speed = kWalks_m_per_s * PxPerM(y);
    const bool from_left = random.Chance(0.5);
    const double edge = from_left ? -0.6 * PxPerM(y) : plate_.width + 0.6 * PxPerM(y);
    Walker walker{.who = random.Pick(scenery.people()), .path = {}, .seed = random.Bits()};
    double t = act.at + random.Range(0, 4), x = spot();
    walker.path.push_back({t, edge, y});
    t += std::abs(x - edge) / speed;
    walker.path.push_back({t, x, y});
    while (t < end) {
      // Stands for a while, then a few steps aside.
      const double calm = act.Number("calm", 5);
      t += random.Range(0.4, 1.6) * calm;
      walker.path.push_back({t, x, y});
      const double next = spot();
      t += std::abs(next - x) / (0.6 * speed) + 0.2;
      x = next;
      walker.path.push_back({t, x, y});
    }
    walker.path.push_back({t + std::abs(x - edge) / speed, edge, y});
    walkers_.push_back(std::move(walker));
  }
}

Status Stage::Add(const Act& act, const Script& script, const Scenery& scenery,
                  data::Random& random) {
  const int id = static_cast<int>(act.Number("id", -1));
  const bool from_left = act.Word("from").empty() ? random.Chance(0.5) : act.Word("from") == "left";
  const auto x_of = [&](const Act& of) { return margin_x_ + of.Number("x", 0.5) * view_width_; };
  const auto y_of = [&](const Act& of, double otherwise) {
    return margin_y_ + of.Number("y", otherwise) * view_height_;
  };
  if (act.what == "stand" || act.what == "leave") {
    const data::Thing* thing = scenery.Find(act.Word("object"));
    if (thing == nullptr) return NotFound("there is no object '" + act.Word("object") + "'");
    Rest rest{
        .id = id,
        .item = ItemAt(*thing, x_of(act), y_of(act, 0.8), act.Number("scale", 1),
                       static_cast<int>(act.Number("view", 0)), act.Number("mirrored", 0) > 0.5),
        .from = act.what == "stand" ? -1 : act.at};
    rest.brightness = data::BrightnessAround(rest.item, plate_);
    if (act.what == "leave") {
      const data::Thing* who = Somebody(act, scenery, random);
      std::optional<Walker> by;
      // They stand a little before the thing.
      if (who != nullptr) {
        by = Errand(*who, rest.item.x, rest.item.y + 0.1 * PxPerM(rest.item.y), act.at, from_left,
                    random);
      }
      Change(ChangeKind::kAdded, thing->noun, {data::BoxOf(rest.item)}, act.at,
             by ? &*by : nullptr);
      if (by) walkers_.push_back(*std::move(by));
    }
    rests_.push_back(rest);
    known_[id] = {thing, rests_.size() - 1};
  } else if (act.what == "take" || act.what == "move") {
    Rest& old = rests_[known_[id].second];
    old.until = act.at;
    const data::Thing& thing = *known_[id].first;
    std::vector<data::Box> places{data::BoxOf(old.item)};
    const double foot_x = old.item.x, foot_y = old.item.y;
    const bool moved = act.what == "move";
    if (moved) {
      Rest next = old;
      next.item.x = x_of(act);
      next.item.y = y_of(act, (foot_y - margin_y_) / view_height_);
      next.item.px_per_m *= PxPerM(next.item.y) / PxPerM(foot_y);
      next.brightness = data::BrightnessAround(next.item, plate_);
      next.from = act.at;
      next.until = Act::kEndless;
      places.push_back(data::BoxOf(next.item));
      rests_.push_back(next);
      known_[id].second = rests_.size() - 1;
    }
    const data::Thing* who = Somebody(act, scenery, random);
    std::optional<Walker> by;
    if (who != nullptr) {
      by = Errand(*who, foot_x, foot_y + 0.1 * PxPerM(foot_y), act.at, from_left, random);
    }
    Change(moved ? ChangeKind::kMoved : ChangeKind::kRemoved, thing.noun, places, act.at,
           by ? &*by : nullptr);
    if (by) walkers_.push_back(*std::move(by));
  } else if (act.what == "pass") {
    const data::Thing* who = Somebody(act, scenery, random);
    if (who == nullptr) return NotFound("there is no person '" + act.Word("by") + "'");
    const double y = y_of(act, 0.9);
    const double beyond = 0.6 * PxPerM(y);
    const double in = from_left ? -beyond : plate_.width + beyond;
    const double out = from_left ? plate_.width + beyond : -beyond;
    const double walk =
        act.length < Act::kEndless ? act.length : std::abs(out - in) / (kWalks_m_per_s * PxPerM(y));
    Walker walker{.who = who, .path = {{act.at, in, y}}, .seed = random.Bits()};
    double t = act.at;
    if (const double pause = act.Number("pause", 0); pause > 0) {
      const double x = margin_x_ + act.Number("pause_x", 0.5) * view_width_;
      t += walk * std::abs(x - in) / std::abs(out - in);
      walker.path.push_back({t, x, y});
      t += pause;
      walker.path.push_back({t, x, y});
      t += walk * std::abs(out - x) / std::abs(out - in);
    } else {
      t += walk;
    }
    walker.path.push_back({t, out, y});
    walkers_.push_back(std::move(walker));
  } else if (act.what == "crowd") {
    AddCrowd(act, script, scenery, random);
  }
  return {};
}

std::optional<data::Item> Stage::ItemOf(const Walker& walker, double t) const {
  const std::vector<Waypoint>& path = walker.path;
  if (t < path.front().t || t >= path.back().t) return std::nullopt;
  const auto next = std::upper_bound(path.begin(), path.end(), t,
                                     [](double at, const Waypoint& point) { return at < point.t; });
  const Waypoint &a = *(next - 1), &b = *next;
  const double part = b.t > a.t ? (t - a.t) / (b.t - a.t) : 0;
  double x = a.x + part * (b.x - a.x), y = a.y + part * (b.y - a.y);
  const double px_per_m = PxPerM(y);
  const bool walks = std::abs(b.x - a.x) > 1;
  const double phase = static_cast<double>(walker.seed % 628) / 100;
  int view = 0;
  if (walks) {
    const double steps = std::abs(x) / (0.35 * px_per_m);  // Half a stride each.
    view = static_cast<int>(std::floor(steps));
    if (walker.who->views.size() == 1) y -= 0.025 * px_per_m * std::abs(std::sin(steps * 1.57));
  } else {
    // Nobody stands like a thing: weight is shifted, heads turn.
    x += 0.035 * px_per_m * std::sin(0.9 * t + phase) + 0.02 * px_per_m * std::sin(2.3 * t);
  }
  return ItemAt(*walker.who, x, y, 1, view, walks ? b.x < a.x : walker.seed % 2 == 0);
}

const data::Image& Stage::Resting(double t) {
  std::vector<const Rest*> there;
  std::string key;
  for (const Rest& rest : rests_) {
    if (t < rest.from || t >= rest.until) continue;
    there.push_back(&rest);
    key += std::to_string(&rest - rests_.data()) + ",";
  }
  if (key != cached_ || cache_.empty()) {
    cached_ = key;
    cache_ = plate_;
    std::sort(there.begin(), there.end(),
              [](const Rest* a, const Rest* b) { return a->item.y < b->item.y; });
    for (const Rest* rest : there) data::PasteLit(rest->item, look_, rest->brightness, cache_);
  }
  return cache_;
}

const data::Image& Stage::At(double t) {
  const data::Image& resting = Resting(t);
  std::vector<data::Item> people;
  for (const Walker& walker : walkers_) {
    if (const auto item = ItemOf(walker, t)) people.push_back(*item);
  }
  if (people.empty()) return resting;
  std::sort(people.begin(), people.end(),
            [](const data::Item& a, const data::Item& b) { return a.y < b.y; });
  scratch_ = resting;
  for (const data::Item& person : people) {
    data::PasteLit(person, look_, data::BrightnessAround(person, plate_), scratch_);
    // What stands nearer hides them; its shadow lies there already.
    data::Look bare = look_;
    bare.shadow = 0;
    for (const Rest& rest : rests_) {
      if (t < rest.from || t >= rest.until || rest.item.y <= person.y) continue;
      if (!Touch(data::BoxOf(rest.item), data::BoxOf(person))) continue;
      data::PasteLit(rest.item, bare, rest.brightness, scratch_);
    }
  }
  return scratch_;
}

double Stage::ClearFrom(const std::vector<data::Box>& places, double from, double until,
                        double calm, double step) const {
  constexpr double kHidden = 0.15;  // Of a place.  A guess.
  double clear = from;
  for (double t = from; t < until; t += step) {
    for (const Walker& walker : walkers_) {
      const auto item = ItemOf(walker, t);
      if (!item) continue;
      const data::Box box = data::BoxOf(*item);
      for (const data::Box& place : places) {
        if (data::Intersection(box, place) > kHidden * Area(place)) clear = t + step;
      }
    }
    if (t >= clear + calm) return clear;
  }
  return until - clear >= calm ? clear : until;
}

}  // namespace stillwatch::clips
