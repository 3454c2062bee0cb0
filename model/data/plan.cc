#include "model/data/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "model/data/palette.h"
#include "model/data/sign.h"

namespace stillwatch::data {
namespace {

// Longer side of a thing in the picture, as shares of the picture's height.
constexpr double kLeastSide = 0.09;
constexpr double kLargestSide = 0.68;

// One attempt at a plan.
class Drawing {
 public:
  Drawing(const Pool& pool, const Wish& wish, Random& random)
      : pool_(pool), wish_(wish), random_(random) {}

  bool Draw(const Backgrounds& backgrounds) {
    const char place = DrawPlace();
    const bool camera = (place == 's' || place == 'c') &&
                        random_.Chance(wish_.cause == Cause::kNight ? 0.6
                                       : wish_.kind                 ? 0.1
                                                                    : 0.05) &&
                        backgrounds.DrawCamera(wish_.test, random_, plan_.background);
    if (!camera) plan_.background = backgrounds.Draw(place, wish_.test, random_);
    mirrored_ = random_.Chance(0.5);
    plan_.truth.kind = wish_.kind;
    plan_.truth.cause = wish_.cause;
    if (random_.Chance(0.75) && plan_.background.ground != "ground") {
      plan_.truth.ground = plan_.background.ground;
    }
    AddStatics();
    if (!(wish_.kind ? DrawChange() : DrawNoChange())) return false;
    FinishTruth();
    return true;
  }

  Plan& plan() { return plan_; }

 private:
  char DrawPlace() {
    if (wish_.kind == ChangeKind::kText) return random_.Chance(0.5) ? 'r' : 's';
    if (wish_.cause == Cause::kLeaves && !wish_.kind) return random_.Chance(0.5) ? 'r' : 's';
    // Recoloured things are mostly CLEVR's, as in the published pairs.
    const double blocks = wish_.kind == ChangeKind::kRecolored ? 0.5 : 0.07;
    static constexpr std::array<char, 5> kPlaces{'t', 'r', 's', 'c', 'k'};
    return kPlaces[random_.Weighted({0.30, 0.20, 0.24, 0.20, blocks})];
  }

  const ThingView* PickView(const Thing& thing, int not_azimuth = -1) {
    std::vector<const ThingView*> fitting;
    std::vector<const ThingView*> any;
    for (const ThingView& view : thing.views) {
      if (view.azimuth == not_azimuth) continue;
      any.push_back(&view);
      if (view.high == plan_.background.high) fitting.push_back(&view);
    }
    if (any.empty()) return nullptr;
    return random_.Pick(fitting.empty() ? any : fitting);
  }

  double ScaleAt(double y) const {
    const Background& b = plan_.background;
    return b.px_per_m * std::max(0.05, (y - b.horizon) / (b.bottom - b.horizon));
  }

  // Makes very small and very large things a likely size; keeps the ratios of the scene.
  void Fit(Item& item) const {
    const double height = plan_.background.rgb.height;
    const Box box = BoxOf(item);
    const double side = std::max(box.width(), box.height());
    const double wanted = std::clamp(side, kLeastSide * height, kLargestSide * height);
    item.px_per_m *= wanted / std::max(side, 1e-6);
  }

  Item Stand(const Thing& thing, double x, double y) {
    Item item{.thing = &thing, .view = PickView(thing), .x = x, .y = y, .px_per_m = ScaleAt(y)};
    item.mirrored = mirrored_;
    const bool paintable =
        item.view->color && thing.detail.empty() && !thing.plant && thing.noun != "cardboard box";
    if (paintable && thing.places != "k" && random_.Chance(0.15))
      item.tint = random_.Pick(Palette()).name;
    Fit(item);
    return item;
  }

  bool Inside(const Item& item, double share) const {
    const Box picture{.x0 = 0,
                      .y0 = 0,
                      .x1 = static_cast<double>(plan_.background.rgb.width),
                      .y1 = static_cast<double>(plan_.background.rgb.height)};
    const Box box = BoxOf(item);
    return Intersection(box, picture) >= share * box.width() * box.height();
  }

  // Nothing may hide it or be hidden by it, but for a corner.
  bool Free(const Item& item, const std::vector<Item>& others, double share = 0.12) const {
    const Box box = BoxOf(item);
    return std::all_of(others.begin(), others.end(), [&](const Item& other) {
      const Box other_box = BoxOf(other);
      const double least =
          std::min(box.width() * box.height(), other_box.width() * other_box.height());
      return Intersection(box, other_box) <= share * least;
    });
  }

  std::optional<Item> PlaceThing(const Thing* thing, const std::vector<Item>& others,
                                 double inside = 0.9) {
    if (!thing) return std::nullopt;
    const Background& b = plan_.background;
    const bool near = inside >= 0.9 && random_.Chance(0.4);
    for (int attempt = 0; attempt < 12; ++attempt) {
      double x = random_.Range(0.06, 0.94) * b.rgb.width;
      double y = random_.Range(b.top, b.bottom * 0.99);
      if (near && !others.empty()) {  // Beside something: captions then say so.
        const Item& other = random_.Pick(others);
        const Box box = BoxOf(other);
        x = other.x + box.width() * random_.Range(0.6, 1.3) * (random_.Chance(0.5) ? 1 : -1);
        y = std::clamp(other.y + box.height() * random_.Range(-0.12, 0.15), b.top, b.bottom * 0.99);
      }
      const Item item = Stand(*thing, x, y);
      if (Inside(item, inside) && Free(item, others)) return item;
    }
    return std::nullopt;
  }

  void AddStatics() {
    const char place = plan_.background.place;
    const int most = place == 'k' ? 7 : place == 'c' ? 6 : 4;
    const int count =
        random_.Chance(0.25) && place != 'k' ? 0 : random_.Int(place == 'k' ? 2 : 0, most);
    for (int i = 0; i < count; ++i) {
      // Fixed cameras see the same kinds of things again and again.
      if (auto item = PlaceThing(pool_.Draw(place, random_), statics_, 0.4)) {
        statics_.push_back(*item);
      }
    }
  }

  void Show(std::vector<Item> reference, std::vector<Item> current) {
    plan_.reference = statics_;
    plan_.current = statics_;
    plan_.reference.insert(plan_.reference.end(), reference.begin(), reference.end());
    plan_.current.insert(plan_.current.end(), current.begin(), current.end());
  }

  void SetSubject(const Item& item) {
    plan_.subject_item = item;
    plan_.has_subject = true;
    plan_.subject_box = BoxOf(item);
  }

  bool DrawChange() {
    switch (*wish_.kind) {
      case ChangeKind::kAdded:
      case ChangeKind::kRemoved:
        return random_.Chance(0.26) ? DrawRow(true) : DrawComing();
      case ChangeKind::kMoved:
        return DrawMove();
      case ChangeKind::kReplaced:
        return DrawReplacement();
      case ChangeKind::kRecolored:
        return DrawPainting();
      case ChangeKind::kResized:
        return DrawResizing();
      case ChangeKind::kTurned:
        return DrawTurn();
      case ChangeKind::kCount:
        return DrawRow(false);
      case ChangeKind::kText:
        return DrawText();
      default:
        return false;
    }
  }

  bool DrawComing() {
    const auto item = PlaceThing(pool_.Draw(plan_.background.place, random_), statics_);
    if (!item) return false;
    SetSubject(*item);
    plan_.focus = BoxOf(*item);
    if (wish_.kind == ChangeKind::kAdded)
      Show({}, {*item});
    else
      Show({*item}, {});
    return true;
  }

  bool DrawMove() {
    const auto item = PlaceThing(pool_.Draw(plan_.background.place, random_), statics_);
    if (!item) return false;
    const Box from = BoxOf(*item);
    const double side = std::max(from.width(), from.height());
    for (int attempt = 0; attempt < 10; ++attempt) {
      Item moved = *item;
      const bool across = random_.Chance(0.75);
      const double way = random_.Range(0.5, 2.2) * side * (random_.Chance(0.5) ? 1 : -1);
      if (across) {
        moved.x += way;
        moved.y += random_.Range(-0.08, 0.08) * side;
      } else {
        moved.x += random_.Range(-0.15, 0.15) * side;
        moved.y += 0.8 * way;
      }
      const double scale = ScaleAt(moved.y) / ScaleAt(item->y);
      // A thing that also seems to shrink would be another kind of change.
      if (scale < 0.75 || scale > 1.35) continue;
      moved.px_per_m *= scale;
      const Background& b = plan_.background;
      if (moved.y < b.top * 0.9 || moved.y > b.bottom || !Inside(moved, 0.9)) continue;
      if (!Free(moved, statics_)) continue;
      SetSubject(*item);
      plan_.focus = Union(from, BoxOf(moved));
      plan_.truth.direction = across ? (way > 0 ? "to the right" : "to the left")
                                     : (way > 0 ? "closer to the camera" : "further back");
      Show({*item}, {moved});
      return true;
    }
    return false;
  }

  bool DrawReplacement() {
    const char place = plan_.background.place;
    const auto item = PlaceThing(pool_.Draw(place, random_), statics_);
    const Thing* other = pool_.Draw(place, random_);
    if (!item || !other) return false;
    Item now = Stand(*other, item->x, item->y);
    const Box a = BoxOf(*item);
    const Box b = BoxOf(now);
    const double ratio = b.height() * b.width() / std::max(1.0, a.width() * a.height());
    if (ratio < 0.25 || ratio > 4 || !Inside(now, 0.85) || !Free(now, statics_, 0.2)) return false;
    SetSubject(*item);
    plan_.focus = Union(a, b);
    other_ = now;
    Show({*item}, {now});
    return other->noun != item->thing->noun || DifferentColors(*item, now);
  }

  static bool DifferentColors(const Item& a, const Item& b) {
    const auto color = [](const Item& item) { return ColorOf(item, 255).value_or(""); };
    return !color(a).empty() && !color(b).empty() && color(a) != color(b);
  }

  bool DrawPainting() {
    if (wish_.colorless) return false;
    const auto item = PlaceThing(pool_.Draw(plan_.background.place, random_), statics_);
    if (!item || !item->view->color || !item->thing->detail.empty() || item->thing->plant) {
      return false;
    }
    Item painted = *item;
    painted.tint = random_.Pick(Palette()).name;
    const std::string before = ColorOf(*item, 255).value_or("");
    // Words that light alone could exchange are no honest change.
    static const std::vector<std::pair<std::string, std::string>> kAlike{
        {"red", "brown"},   {"orange", "brown"}, {"yellow", "orange"}, {"pink", "red"},
        {"cyan", "blue"},   {"black", "grey"},   {"grey", "white"},    {"purple", "blue"},
        {"purple", "pink"}, {"orange", "red"},   {"cyan", "green"}};
    for (const auto& [a, b] : kAlike) {
      if ((a == before && b == painted.tint) || (b == before && a == painted.tint)) return false;
    }
    if (painted.tint == before) return false;
    SetSubject(*item);
    other_ = painted;
    plan_.focus = BoxOf(*item);
    Show({*item}, {painted});
    return true;
  }

  bool DrawResizing() {
    const auto item = PlaceThing(pool_.Draw(plan_.background.place, random_), statics_);
    if (!item) return false;
    Item large = *item;
    large.px_per_m *= random_.Range(1.4, 1.9);
    if (!Inside(large, 0.9) || !Free(large, statics_, 0.2)) return false;
    plan_.truth.larger = random_.Chance(0.5);
    SetSubject(plan_.truth.larger ? *item : large);
    plan_.focus = BoxOf(large);
    if (plan_.truth.larger)
      Show({*item}, {large});
    else
      Show({large}, {*item});
    return true;
  }

  bool DrawTurn() {
    const auto item = PlaceThing(pool_.Draw(plan_.background.place, random_), statics_);
    if (!item || item->thing->round) return false;
    Item turned = *item;
    turned.view = PickView(*item->thing, item->view->azimuth);
    if (!turned.view || turned.view->high != item->view->high) return false;
    SetSubject(*item);
    plan_.focus = Union(BoxOf(*item), BoxOf(turned));
    Show({*item}, {turned});
    return true;
  }

  // Equal things beside each other; `told` by their places, else by their number.
  bool DrawRow(bool told) {
    const auto first = PlaceThing(pool_.Draw(plan_.background.place, random_), {}, 0.95);
    if (!first) return false;
    const int most = told ? (random_.Chance(0.8) ? 3 : 4) : 6;
    const int all = random_.Int(told ? 2 : 3, most);
    const Box one = BoxOf(*first);
    const double pitch = one.width() * random_.Range(1.05, 2.4);
    const double slope = random_.Chance(0.7) ? 0 : random_.Range(-0.25, 0.25);
    std::vector<Item> row;
    for (int i = 0; i < all; ++i) {
      Item item = *first;
      item.x += pitch * i * random_.Range(0.96, 1.04);
      item.y += slope * pitch * i + one.height() * random_.Range(-0.03, 0.03);
      if (!Inside(item, 0.93)) return false;
      row.push_back(item);
    }
    std::erase_if(statics_, [&](const Item& item) { return !Free(item, row); });

    int changed = told ? (random_.Chance(0.75) ? 1 : 2) : random_.Int(2, all - 1);
    if (changed >= all || (!told && changed < 2)) return false;
    std::vector<bool> goes(row.size());
    if (told && all >= 4) {
      goes[random_.Chance(0.5) ? 0 : row.size() - 1] = true;  // Only the ends have names.
      changed = 1;
    } else {
      for (int left = changed; left > 0;) {
        const auto i = static_cast<std::size_t>(random_.Int(0, all - 1));
        if (goes[i]) continue;
        goes[i] = true;
        --left;
      }
    }
    std::vector<Item> rest;
    std::optional<Box> focus;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!goes[i]) {
        rest.push_back(row[i]);
        continue;
      }
      focus = focus ? Union(*focus, BoxOf(row[i])) : BoxOf(row[i]);
      if (told) {
        plan_.truth.members.emplace_back(i == 0                ? "left"
                                         : i + 1 == row.size() ? "right"
                                                               : "middle");
      }
      SetSubject(row[i]);
    }
    plan_.focus = focus;
    const bool gone = told ? wish_.kind == ChangeKind::kRemoved : random_.Chance(0.5);
    plan_.truth.before = gone ? all : all - changed;
    plan_.truth.after = gone ? all - changed : all;
    if (gone)
      Show(row, rest);
    else
      Show(rest, row);
    in_row_ = true;
    // The number can only be told with the whole row in view.
    if (!told || random_.Chance(0.5)) {
      for (const Item& item : row) plan_.focus = Union(*plan_.focus, BoxOf(item));
    }
    row_ = std::move(row);
    return true;
  }

  bool DrawText() {
    SignPair signs = DrawSign(random_);
    plan_.own.push_back(signs.thing);
    const Background& b = plan_.background;
    Item item{.thing = signs.thing.get(), .view = &signs.thing->views[0]};
    item.x = random_.Range(0.15, 0.85) * b.rgb.width;
    item.y = random_.Range(0.3, 0.9) * b.rgb.height;
    const double side = random_.Range(0.14, 0.35) * b.rgb.width;
    item.px_per_m = item.view->sprite.px_per_m * side / item.view->sprite.rgba.width;
    if (!Inside(item, 0.98)) return false;
    std::erase_if(statics_, [&](const Item& other) { return !Free(other, {item}); });
    Item now = item;
    now.view = &signs.thing->views[1];
    SetSubject(item);
    plan_.truth.text_before = signs.before;
    plan_.truth.text_after = signs.after;
    plan_.truth.ground.clear();
    plan_.focus = BoxOf(item);
    Show({item}, {now});
    return true;
  }

  bool DrawNoChange() {
    const char place = plan_.background.place;
    const Thing* thing =
        wish_.cause == Cause::kLeaves ? pool_.DrawPlant(random_) : pool_.Draw(place, random_);
    const bool thing_there = wish_.cause == Cause::kLeaves || random_.Chance(0.6);
    if (thing_there) {
      if (const auto item = PlaceThing(thing, statics_)) {
        std::vector<Item> row{*item};
        // Rows stand still, too.
        const double pitch = BoxOf(*item).width() * random_.Range(1.05, 2.4);
        const int more =
            random_.Chance(0.25) && wish_.cause != Cause::kLeaves ? random_.Int(1, 3) : 0;
        for (int i = 1; i <= more; ++i) {
          Item next = *item;
          next.x += pitch * i;
          if (Inside(next, 0.9) && Free(next, statics_)) row.push_back(next);
        }
        SetSubject(*item);
        in_row_ = row.size() > 1;
        plan_.focus = BoxOf(*item);
        plan_.sway = wish_.cause == Cause::kLeaves;
        Show(row, row);
        return true;
      }
      if (wish_.cause == Cause::kLeaves) return false;
    }
    const Background& b = plan_.background;
    const double w = random_.Range(0.07, 0.4) * b.rgb.width;
    const double h = w * random_.Range(0.4, 1.8);
    const double x = random_.Range(0, std::max(1.0, b.rgb.width - w));
    const double y = random_.Range(0.1 * b.rgb.height, std::max(2.0, b.rgb.height - h));
    plan_.focus = Box{x, y, x + w, y + h};
    plan_.subject_box.reset();
    Show({}, {});
    return true;
  }

  Naming Name(const Item& item) const {
    Naming naming{.noun = item.thing->noun};
    if (wish_.colorless) return naming;
    // "brown cardboard box" says nothing; a thing with a known detail is told by that.
    if (item.thing->noun.find("cardboard") == std::string::npos && item.thing->detail.empty()) {
      double brightness = BrightnessAround(item, plan_.background.rgb);
      if (!plan_.background.other.empty()) {
        brightness = std::min(brightness, BrightnessAround(item, plan_.background.other));
      }
      naming.color = ColorOf(item, brightness);
    }
    naming.detail = item.thing->detail;
    return naming;
  }

  static bool Same(const Naming& a, const Naming& b) {
    return a.noun == b.noun && a.color.value_or("") == b.color.value_or("");
  }

  void FinishTruth() {
    Truth& truth = plan_.truth;
    for (const Item& item : statics_) plan_.neighbours.push_back(BoxOf(item));
    if (!plan_.has_subject) return;
    truth.subject = Name(plan_.subject_item);
    if (other_) truth.other = Name(*other_);
    const std::string& places = plan_.subject_item.thing->places;
    truth.vehicle = places == "c" && truth.subject.noun != "container";
    // "table", "person": what stands on the floor is not on the table.
    if (truth.subject.noun == truth.ground) truth.ground.clear();
    if (!in_row_) PickNeighbour();
  }

  // The nearest static thing that has a name of its own.
  void PickNeighbour() {
    const Box subject = BoxOf(plan_.subject_item);
    const double reach =
        0.9 * std::max(subject.width(), subject.height()) + 0.04 * plan_.background.rgb.width;
    const Item* best = nullptr;
    double nearest = reach;
    for (const Item& item : statics_) {
      const Box box = BoxOf(item);
      const double gap_x = std::max({box.x0 - subject.x1, subject.x0 - box.x1, 0.0});
      const double gap_y = std::max({box.y0 - subject.y1, subject.y0 - box.y1, 0.0});
      const double gap = std::hypot(gap_x, gap_y);
      const double side = std::max(box.width(), box.height());
      if (gap >= nearest || side < 0.06 * plan_.background.rgb.height || !Inside(item, 0.6))
        continue;
      nearest = gap;
      best = &item;
    }
    if (!best) return;
    const Naming name = Name(*best);
    if (Same(name, plan_.truth.subject) || Same(name, plan_.truth.other)) return;
    // Two of the same name would leave open which.
    const auto alike = std::count_if(statics_.begin(), statics_.end(),
                                     [&](const Item& item) { return Same(Name(item), name); });
    if (alike > 1) return;
    const Box box = BoxOf(*best);
    const double dx = (subject.x0 + subject.x1 - box.x0 - box.x1) / 2;
    const double dy = plan_.subject_item.y - best->y;
    const double apart = 0.5 * (subject.width() + box.width());
    plan_.truth.neighbour = name;
    plan_.neighbour_box = box;
    if (std::abs(dx) > 0.7 * apart) {
      plan_.truth.relation = random_.Pick(std::vector<std::string>{
          "beside", "next to", dx < 0 ? "to the left of" : "to the right of"});
    } else {
      plan_.truth.relation = dy > 0 ? "in front of" : "behind";
    }
  }

  const Pool& pool_;
  const Wish& wish_;
  Random& random_;
  Plan plan_;
  std::vector<Item> statics_;
  std::vector<Item> row_;
  std::optional<Item> other_;  // What is there afterwards (replaced, recoloured).
  bool mirrored_ = false;
  bool in_row_ = false;
};

}  // namespace

std::optional<Plan> DrawPlan(const Pool& pool, const Backgrounds& backgrounds, const Wish& wish,
                             Random& random) {
  Drawing drawing(pool, wish, random);
  if (!drawing.Draw(backgrounds)) return std::nullopt;
  return std::move(drawing.plan());
}

}  // namespace stillwatch::data
