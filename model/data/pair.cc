#include "model/data/pair.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "model/data/develop.h"

namespace stillwatch::data {
namespace {

constexpr int kAttempts = 60;
constexpr double kTestShare = 0.03;
constexpr double kValShare = 0.03;
constexpr double kSameShare = 0.40;

struct KindShare {
  ChangeKind kind;
  double share;
};
// Left and taken things are what cameras are watched for.
constexpr std::array<KindShare, 9> kKinds{{{ChangeKind::kAdded, 0.27},
                                           {ChangeKind::kRemoved, 0.27},
                                           {ChangeKind::kMoved, 0.12},
                                           {ChangeKind::kReplaced, 0.08},
                                           {ChangeKind::kRecolored, 0.08},
                                           {ChangeKind::kResized, 0.04},
                                           {ChangeKind::kTurned, 0.06},
                                           {ChangeKind::kCount, 0.06},
                                           {ChangeKind::kText, 0.02}}};

struct CauseShare {
  Cause cause;
  double share;
};
constexpr std::array<CauseShare, 10> kCauses{{{Cause::kNothing, 0.12},
                                              {Cause::kLight, 0.17},
                                              {Cause::kShadow, 0.20},
                                              {Cause::kLightPatch, 0.08},
                                              {Cause::kReflection, 0.06},
                                              {Cause::kViewpoint, 0.15},
                                              {Cause::kLeaves, 0.07},
                                              {Cause::kPasserBy, 0.06},
                                              {Cause::kNight, 0.05},
                                              {Cause::kFocus, 0.04}}};

struct Light {
  bool infrared_reference = false;
  bool infrared_current = false;
};

Wish DrawWish(Random& random) {
  Wish wish;
  if (random.Chance(kSameShare)) {
    std::vector<double> weights;
    for (const CauseShare& row : kCauses) weights.push_back(row.share);
    wish.cause = kCauses[random.Weighted(weights)].cause;
  } else {
    std::vector<double> weights;
    for (const KindShare& row : kKinds) weights.push_back(row.share);
    wish.kind = kKinds[random.Weighted(weights)].kind;
  }
  return wish;
}

Light DrawLight(Wish& wish, Random& random) {
  Light light;
  if (!wish.kind && wish.cause == Cause::kNight) {
    const bool first = random.Chance(0.5);
    light.infrared_reference = first;
    light.infrared_current = !first;
  } else if (wish.kind != ChangeKind::kRecolored && random.Chance(0.06)) {
    light.infrared_reference = light.infrared_current = true;
  }
  wish.colorless = light.infrared_reference || light.infrared_current;
  return light;
}

std::string Clock(Random& random, int minutes) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "2024-%02d-%02d %02d:%02d:%02d", random.Int(1, 12),
                random.Int(1, 28), (minutes / 60) % 24, minutes % 60, random.Int(0, 59));
  return text.data();
}

// What both pictures of one camera have in common, then what differs: `strength` 0..1.
std::array<Circumstances, 2> DrawCircumstances(const Plan& plan, const Wish& wish,
                                               const Light& light, Random& random) {
  const bool same = !wish.kind;
  const auto is = [&](Cause cause) { return same && wish.cause == cause; };
  Circumstances base;
  // A darkish or lightish camera with its own white balance.
  const double exposure = std::exp(random.Range(-0.25, 0.2));
  for (double& gain : base.gain) gain = exposure * random.Range(0.96, 1.04);
  base.gamma = std::exp(random.Range(-0.25, 0.25));
  base.blur_px = random.Chance(0.55) ? 0 : random.Range(0.2, 1.0);
  base.noise = random.Chance(0.25) ? 0 : std::pow(random.Unit(), 1.5) * 9;
  base.grain = random.Unit();
  base.jpeg_quality = random.Chance(0.3) ? 100 : random.Int(32, 92);
  const bool clock = random.Chance(0.25);
  base.clock_below = random.Chance(0.4);
  const int minutes = random.Int(0, 1439);
  Random date = Random(random.Bits());

  std::array<Circumstances, 2> both{base, base};
  both[0].infrared = light.infrared_reference;
  both[1].infrared = light.infrared_current;
  const double shake = is(Cause::kViewpoint) ? random.Range(1.2, 6.5)
                       : random.Chance(0.25) ? 0
                                             : 2.6 * std::pow(random.Unit(), 2);
  // CLEVR's cameras jitter much more than a pole shakes.
  const double blocks = plan.background.place == 'k' && random.Chance(0.6) ? 8 : 0;
  const double drift =
      (is(Cause::kLight) ? random.Range(0.35, 1.0) : std::pow(random.Unit(), 2.2)) *
      (is(Cause::kNothing) ? 0.1 : 1);
  for (Circumstances& how : both) {
    const double extra = std::exp(random.Range(-0.4, 0.4) * drift);
    for (double& gain : how.gain) gain *= extra * (1 + random.Range(-0.09, 0.09) * drift);
    how.offset = random.Range(-14, 14) * drift;
    how.gamma *= std::exp(random.Range(-0.3, 0.3) * drift);
    if (random.Chance(is(Cause::kLight) ? 0.6 : 0.25)) {
      how.gradient = random.Range(0.03, 0.3) * std::max(0.25, drift);
      how.gradient_seed = random.Bits();
    }
    if (how.infrared) {
      how.noise += random.Range(1, 6);
      how.gradient = random.Range(0.15, 0.45);
      how.gradient_seed = random.Bits();
      for (double& gain : how.gain) gain *= random.Range(0.85, 1.2);
    }
    how.noise *= random.Range(0.8, 1.25);
    how.noise_seed = random.Bits();
    if (clock) how.clock = Clock(date, minutes + random.Int(0, 300));
  }
  Circumstances& moved = both[1];
  moved.shift_x = random.Normal() * (shake + blocks) * 0.7;
  moved.shift_y = random.Normal() * (shake + blocks) * 0.5;
  moved.angle_deg = random.Normal() * 0.06 * shake;
  moved.zoom = 1 + random.Normal() * 0.0012 * (shake + blocks);
  if (is(Cause::kFocus)) {
    both[static_cast<std::size_t>(random.Int(0, 1))].blur_px += random.Range(0.9, 2.4);
  } else if (random.Chance(0.2)) {
    both[static_cast<std::size_t>(random.Int(0, 1))].blur_px += random.Range(0.2, 0.8);
  }
  return both;
}

// Shadows and lights: in one picture, or in both at different places.
void DrawShades(const Plan& plan, const Wish& wish, std::array<Circumstances, 2>& both,
                Random& random) {
  const double w = plan.background.rgb.width;
  const double h = plan.background.rgb.height;
  const auto put = [&](Shade (*draw)(const Box&, Random&), const Box& around) {
    const Shade shade = draw(around, random);
    const auto first = static_cast<std::size_t>(random.Int(0, 1));
    both[first].shades.push_back(shade);
    if (random.Chance(0.4)) {  // It wandered.
      Shade later = shade;
      const double way = std::max(around.width(), around.height()) * random.Range(0.08, 0.5);
      const double angle = random.Range(0, 6.28);
      for (auto& p : later.outline) {
        p[0] += way * std::cos(angle);
        p[1] += way * std::sin(angle);
      }
      both[1 - first].shades.push_back(later);
    }
  };
  if (!wish.kind && plan.focus) {
    if (wish.cause == Cause::kShadow) put(DrawShadow, *plan.focus);
    if (wish.cause == Cause::kLightPatch) put(DrawLightPatch, *plan.focus);
    if (wish.cause == Cause::kReflection) put(DrawReflection, *plan.focus);
  }
  if (wish.cause == Cause::kNothing && !wish.kind) return;
  const double x = random.Range(0, 0.7) * w;
  const double y = random.Range(0.1, 0.7) * h;
  const Box somewhere{x, y, x + 0.3 * w, y + 0.3 * h};
  // Changed pairs have moving shadows as well, beside the change and across it.
  if (random.Chance(0.16)) put(DrawShadow, somewhere);
  if (wish.kind && plan.focus && random.Chance(0.12)) put(DrawShadow, *plan.focus);
  if (random.Chance(0.05)) put(DrawLightPatch, somewhere);
}

// Pastes from far to near.
void Fill(const Plan& plan, std::vector<Item> items, const Look& look, bool second,
          double parallax_px, Random& random, Image& picture) {
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.y < b.y; });
  const Image& lit_by =
      second && !plan.background.other.empty() ? plan.background.other : plan.background.rgb;
  for (Item item : items) {
    const double brightness = BrightnessAround(item, lit_by);
    if (second) {
      item.x += random.Normal() * parallax_px;
      item.y += random.Normal() * parallax_px * 0.4;
    }
    PasteLit(item, look, brightness, picture);
  }
}

// Share of the subject's box that looks different enough to be seen.
double Visible(const Image& a, const Image& b, const Box& box, double least) {
  const cv::Rect area = cv::Rect(static_cast<int>(box.x0), static_cast<int>(box.y0),
                                 std::max(1, static_cast<int>(box.width())),
                                 std::max(1, static_cast<int>(box.height()))) &
                        cv::Rect(0, 0, a.width, a.height);
  if (area.empty()) return 0;
  cv::Mat difference;
  cv::absdiff(View(a)(area), View(b)(area), difference);
  int seen = 0;
  for (int y = 0; y < difference.rows; ++y) {
    const auto* row = difference.ptr<cv::Vec3b>(y);
    for (int x = 0; x < difference.cols; ++x) {
      seen += std::max({row[x][0], row[x][1], row[x][2]}) > least;
    }
  }
  return static_cast<double>(seen) / static_cast<double>(area.area());
}

Region Fraction(const Box& box, double width, double height) {
  const double x0 = std::clamp(box.x0 / width, 0.0, 1.0);
  const double y0 = std::clamp(box.y0 / height, 0.0, 1.0);
  const double x1 = std::clamp(box.x1 / width, 0.0, 1.0);
  const double y1 = std::clamp(box.y1 / height, 0.0, 1.0);
  return {.x = x0, .y = y0, .w = std::max(0.0, x1 - x0), .h = std::max(0.0, y1 - y0)};
}

// The box as a change detector would draw it.
Box Detected(const Plan& plan, Random& random) {
  Box box = *plan.focus;
  const double w = box.width();
  const double h = box.height();
  box.x0 += w * random.Range(-0.2, 0.12);
  box.x1 += w * random.Range(-0.12, 0.2);
  box.y0 += h * random.Range(-0.2, 0.12);
  box.y1 += h * random.Range(-0.12, 0.2);
  if (!plan.neighbours.empty() && random.Chance(0.08)) {
    const Box& other = random.Pick(plan.neighbours);
    const Box both = Union(box, other);
    if (both.width() < 2.5 * w + 40 && both.height() < 2.5 * h + 40) box = both;
  }
  return box;
}

bool Inside(const Box& inner, const model::PixelRect& outer, double share) {
  const Box rect{.x0 = static_cast<double>(outer.x),
                 .y0 = static_cast<double>(outer.y),
                 .x1 = static_cast<double>(outer.x + outer.width),
                 .y1 = static_cast<double>(outer.y + outer.height)};
  return Intersection(inner, rect) >= share * inner.width() * inner.height();
}

// One attempt.  nullopt: draw again.
std::optional<Pair> Attempt(const Stock& stock, Wish wish, const std::string& split,
                            Random& random) {
  const Light light = DrawLight(wish, random);
  wish.test = split == "test";
  const Pool& pool = wish.test ? stock.test : stock.train;
  auto plan = DrawPlan(pool, stock.backgrounds, wish, random);
  if (!plan || !plan->focus) return std::nullopt;
  const int width = plan->background.rgb.width;
  const int height = plan->background.rgb.height;

  // The crop first: it decides what a caption may speak of.
  std::vector<Region> regions;
  // Below a twelfth of the width a thing is too small to be named in the whole picture.
  const Box& meant = plan->subject_box ? *plan->subject_box : *plan->focus;
  const bool large = !wish.kind || std::max(meant.width(), meant.height()) > width / 12.0;
  const double whole_share = plan->background.place == 'k' ? 0.5 : wish.kind ? 0.12 : 0.2;
  const bool whole = large && random.Chance(whole_share);
  if (!whole) regions.push_back(Fraction(Detected(*plan, random), width, height));
  const model::PixelRect crop = model::CropFor(width, height, regions);
  const bool all = crop.width == width && crop.height == height;
  if (wish.kind && plan->subject_box && !Inside(*plan->subject_box, crop, 0.7)) return std::nullopt;

  Look look{.shadow = random.Range(0.25, 0.95), .follow = random.Range(0.4, 0.8)};
  for (double& cast : look.cast) cast = random.Range(0.97, 1.03);
  const bool photograph = plan->background.place != 'k' && plan->background.ground == "ground";
  look.soften_px = photograph ? random.Range(0, 0.8) : random.Range(0, 0.4);

  Image reference = plan->background.rgb;
  Image current = plan->background.other.empty() ? plan->background.rgb : plan->background.other;
  if (current.width != reference.width || current.height != reference.height) return std::nullopt;
  // Seen from a shaking pole near things move more than far ones.
  const double parallax = plan->background.place == 'k'                   ? random.Range(0, 3)
                          : !wish.kind && wish.cause == Cause::kViewpoint ? random.Range(0.2, 1.6)
                          : random.Chance(0.2)                            ? random.Range(0, 0.8)
                                                                          : 0;
  auto both = DrawCircumstances(*plan, wish, light, random);
  Fill(*plan, plan->reference, look, false, 0, random, reference);
  Fill(*plan, plan->current, look, true, parallax, random, current);
  if (wish.kind && plan->subject_box) {
    // Above the noise, and after a dim exposure.
    const double contrast = std::max(18 / std::min({1.0, both[0].gain[1], both[1].gain[1]}),
                                     2.2 * std::max(both[0].noise, both[1].noise));
    Image before = plan->background.rgb;
    // Against the same background: a light change must not count as visible.
    Image after = before;
    Random still(1);
    Plan alone = *plan;
    alone.background.other = {};
    Fill(alone, plan->reference, look, false, 0, still, before);
    Fill(alone, plan->current, look, false, 0, still, after);
    const double least = wish.kind == ChangeKind::kTurned ? 0.16
                         : wish.kind == ChangeKind::kText ? 0.05
                         : plan->truth.before > 0         ? 0.12
                                                          : 0.2;
    if (Visible(before, after, *plan->subject_box, contrast) < least) return std::nullopt;
  }
  if (plan->sway) {
    Sway(*plan->focus, random.Range(2.5, 9), random, random.Chance(0.5) ? reference : current);
  }
  // Somebody walks past, outside what is marked.
  const bool passer = wish.kind ? random.Chance(0.07) : wish.cause == Cause::kPasserBy;
  if (passer && plan->focus && plan->background.place != 'k') {
    const Thing* person = pool.DrawPerson(random);
    const Background& b = plan->background;
    bool stands = false;
    for (int attempt = 0; person && attempt < 10 && !stands; ++attempt) {
      Item item{.thing = person, .view = &random.Pick(person->views)};
      item.x = crop.x + random.Range(-0.1, 1.1) * crop.width;
      item.y = random.Range(b.top, b.bottom * 1.15);
      const double tall = std::clamp(1.75 * b.px_per_m, 0.3 * height, 0.9 * height);
      item.px_per_m = tall / 1.75;
      item.mirrored = random.Chance(0.5);
      const Box box = BoxOf(item);
      if (Intersection(box, *plan->focus) > 0 || !Inside(box, crop, 0.15)) continue;
      PasteLit(item, look, BrightnessAround(item, b.rgb), random.Chance(0.5) ? reference : current);
      stands = true;
    }
    if (!stands && !wish.kind) return std::nullopt;
  }

  DrawShades(*plan, wish, both, random);

  Truth& truth = plan->truth;
  // A caption may only speak of what the crop shows.
  if (truth.neighbour && !Inside(plan->neighbour_box, crop, 0.45)) truth.neighbour.reset();
  if (truth.neighbour && all && random.Chance(0.5)) truth.neighbour.reset();
  if (all && plan->subject_box && truth.before == 0) {
    const double middle = (plan->subject_box->x0 + plan->subject_box->x1) / 2 / width;
    truth.part = middle < 0.36 ? "left" : middle > 0.64 ? "right" : "middle";
  }
  // Too dark to tell colours.
  const double darkest = std::min(both[0].gain[1], both[1].gain[1]);
  if (darkest < 0.5) {
    if (wish.kind == ChangeKind::kRecolored) return std::nullopt;
    truth.subject.color.reset();
    truth.other.color.reset();
    if (truth.neighbour) truth.neighbour->color.reset();
  }
  if (wish.kind == ChangeKind::kReplaced && truth.subject.noun == truth.other.noun &&
      truth.subject.color.value_or("") == truth.other.color.value_or("")) {
    return std::nullopt;
  }
  if (wish.kind == ChangeKind::kRecolored && (!truth.subject.color || !truth.other.color)) {
    return std::nullopt;
  }
  if (!wish.kind && !plan->background.other.empty()) truth.cause = Cause::kLight;

  Pair pair{.kind = wish.kind, .captions = Captions(truth, random), .noun = truth.subject.noun};
  pair.captions_long = LongCaptions(truth, random);
  pair.color = truth.subject.color.value_or("");
  pair.split = split;
  pair.crop = {.x = static_cast<double>(crop.x) / width,
               .y = static_cast<double>(crop.y) / height,
               .w = static_cast<double>(crop.width) / width,
               .h = static_cast<double>(crop.height) / height};
  if (!regions.empty()) {
    const Region& r = regions.front();
    pair.region = Fraction({.x0 = (r.x - pair.crop.x) / pair.crop.w,
                            .y0 = (r.y - pair.crop.y) / pair.crop.h,
                            .x1 = (r.x + r.w - pair.crop.x) / pair.crop.w,
                            .y1 = (r.y + r.h - pair.crop.y) / pair.crop.h},
                           1, 1);
  }
  pair.pixels.reserve(2UL * kPairSize_px * kPairSize_px * 3);
  Develop(reference, both[0], crop, kPairSize_px, pair.pixels);
  Develop(current, both[1], crop, kPairSize_px, pair.pixels);
  return pair;
}

}  // namespace

Result<Pair> DrawPair(const Stock& stock, std::uint64_t seed, std::uint64_t id) {
  try {
    Random first = Random::For(seed, id);
    const double at = first.Unit();
    const std::string split = at < kTestShare               ? "test"
                              : at < kTestShare + kValShare ? "val"
                                                            : "train";
    const Wish wish = DrawWish(first);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      Random random(first.Bits());
      // After many failures any wish is welcome: a small stock may not have what was wanted.
      const Wish now = attempt < kAttempts / 2 ? wish : DrawWish(random);
      if (auto pair = Attempt(stock, now, split, random)) {
        pair->id = id;
        return std::move(*pair);
      }
    }
    return Internal("pair " + std::to_string(id) + ": no drawing worked out; is the stock empty?");
  } catch (const std::exception& error) {
    return Internal("pair " + std::to_string(id) + ": " + error.what());
  }
}

std::string ToJsonLine(const Pair& pair) {
  const auto box = [](const Region& r) {
    const auto round = [](double v) { return std::round(v * 1e5) / 1e5; };
    return nlohmann::json::array({round(r.x), round(r.y), round(r.w), round(r.h)});
  };
  nlohmann::ordered_json line{{"id", pair.id},
                              {"kind", pair.kind ? Name(*pair.kind) : "same"},
                              {"changed", pair.kind.has_value()},
                              {"captions", pair.captions},
                              {"noun", pair.noun},
                              {"color", pair.color},
                              {"crop", box(pair.crop)},
                              {"region", box(pair.region)},
                              {"split", pair.split}};
  if (!pair.captions_long.empty()) line["captions_long"] = pair.captions_long;
  if (!pair.truth.empty()) line["truth"] = nlohmann::ordered_json::parse(pair.truth);
  return line.dump();
}

}  // namespace stillwatch::data
