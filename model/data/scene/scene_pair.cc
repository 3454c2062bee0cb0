#include "model/data/scene/scene_pair.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/palette.h"
#include "model/data/scene/change.h"
#include "model/data/scene/conditions.h"
#include "model/data/scene/scenery.h"
#include "model/data/scene/words.h"

namespace stillwatch::data {
namespace {

constexpr int kAttempts = 120;
constexpr double kTestShare = 0.04;
constexpr double kValShare = 0.03;
constexpr double kSameShare = 0.40;
constexpr double kSeveralShare = 0.06;  // Of the changed ones: with a second change.
constexpr int kFull_px = 1280;          // Width of the picture a crop is cut from.
constexpr double kOversample = 1.5;

struct KindShare {
  ChangeKind kind;
  double scenes;
  double solids;
};
constexpr std::array<KindShare, 10> kKinds{{{ChangeKind::kAdded, 0.21, 0.2},
                                            {ChangeKind::kRemoved, 0.20, 0.2},
                                            {ChangeKind::kMoved, 0.12, 0.18},
                                            {ChangeKind::kReplaced, 0.10, 0.05},
                                            {ChangeKind::kRecolored, 0.10, 0.35},
                                            {ChangeKind::kResized, 0.03, 0.02},
                                            {ChangeKind::kTurned, 0.06, 0},
                                            {ChangeKind::kPosed, 0.07, 0},
                                            {ChangeKind::kText, 0.05, 0},
                                            {ChangeKind::kCount, 0.06, 0}}};

constexpr std::array<double, 7> kFamilies{0.16, 0.20, 0.12, 0.14, 0.10, 0.14, 0.14};

// The box as a change detector would draw it: jittered, sometimes loose.
Region Detected(const Region& box, Random& random) {
  const double loose = random.Chance(0.2) ? random.Range(0.2, 0.7) : 0;
  const auto edge = [&](double length) { return length * (random.Range(-0.12, 0.2) + loose); };
  const double left = edge(box.w), right = edge(box.w), top = edge(box.h), low = edge(box.h);
  return Clip(
      {.x = box.x - left, .y = box.y - top, .w = box.w + left + right, .h = box.h + top + low});
}

// How much of `box` looks different, and whether the subject can be seen: by a few rays.
struct Probe {
  double different = 0;           // Share of the rays.
  std::array<double, 2> shown{};  // Share that meets the objects, by picture.
};
Probe Look(const Stage& reference, const Stage& current, const Camera& camera, const Region& box,
           const std::vector<int>& objects) {
  constexpr int kSide = 20;
  std::vector<Ray> rays;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      rays.push_back(
          camera.Through(box.x + box.w * (x + 0.5) / kSide, box.y + box.h * (y + 0.5) / kSide));
    }
  }
  std::vector<Hit> before(rays.size());
  std::vector<Hit> after(rays.size());
  reference.Trace(rays, before);
  current.Trace(rays, after);
  Probe probe;
  const double one = 1.0 / static_cast<double>(rays.size());
  for (std::size_t i = 0; i < rays.size(); ++i) {
    const auto is = [&](const Hit& hit) {
      return hit.distance >= 0 &&
             std::find(objects.begin(), objects.end(), hit.object) != objects.end();
    };
    if (is(before[i])) probe.shown[0] += one;
    if (is(after[i])) probe.shown[1] += one;
    const Vec off = before[i].albedo - after[i].albedo;
    const bool color = std::abs(off.x) + std::abs(off.y) + std::abs(off.z) > 0.09F;
    const bool shape =
        std::abs(before[i].distance - after[i].distance) > 0.02F * before[i].distance &&
        Dot(before[i].normal, after[i].normal) < 0.9F;
    if (color || shape || std::abs(before[i].shine - after[i].shine) > 0.3F) probe.different += one;
  }
  return probe;
}

struct SceneWish {
  std::optional<ChangeKind> kind{};
  Cause cause = Cause::kNothing;
  Family family = Family::kRoom;
  bool test = false;
};

SceneWish DrawWish(const ScenePairOptions& options, Random& random) {
  SceneWish wish;
  const bool solids = random.Chance(options.solids);
  wish.family = solids ? Family::kSolids
                       : static_cast<Family>(random.Weighted({kFamilies.begin(), kFamilies.end()}));
  if (!random.Chance(kSameShare)) {
    std::vector<double> weights;
    for (const KindShare& row : kKinds) weights.push_back(solids ? row.solids : row.scenes);
    wish.kind = kKinds[random.Weighted(weights)].kind;
  } else {
    wish.cause = DrawCause(solids, random);
  }
  return wish;
}

// Something that a change detector may have marked although nothing changed.
Region FalseCandidate(const Scenery& scenery, const Conditions& conditions, Change& change,
                      Random& random) {
  if (change.truth.cause == Cause::kPasserBy && !conditions.passer_boxes.empty() &&
      random.Chance(0.7)) {
    return Clip(conditions.passer_boxes.front());
  }
  if (random.Chance(0.75)) {
    std::vector<std::pair<int, Region>> found;
    for (std::size_t i = 0; i < scenery.state.stands.size(); ++i) {
      if (auto box = InView(scenery, scenery.state.stands[i], 0.05)) {
        found.emplace_back(static_cast<int>(i), *box);
      }
    }
    if (!found.empty()) {
      const auto& [index, box] = random.Pick(found);
      if (change.truth.cause == Cause::kShadow && random.Chance(0.5)) {
        // Where its shadow lies.
        const double dx = box.w * random.Range(-1.2, 1.2);
        return Clip(
            {.x = box.x + dx, .y = box.y + 0.3 * box.h, .w = box.w * 1.2, .h = box.h * 0.8});
      }
      change.stand = index;
      change.objects = {index + 1};
      change.truth.subject =
          NamingOf(scenery, scenery.state.stands[static_cast<std::size_t>(index)]);
      return box;
    }
  }
  const double w = random.Range(0.05, 0.35), h = random.Range(0.08, 0.4);
  return {.x = random.Range(0, 1 - w), .y = random.Range(0.15, 1 - h), .w = w, .h = h};
}

Image Mask(const Picture& picture, const std::vector<int>& objects) {
  Image mask = MakeImage(picture.width, picture.height, 1);
  for (std::size_t i = 0; i < picture.object.size(); ++i) {
    if (std::find(objects.begin(), objects.end(), picture.object[i]) != objects.end())
      mask.bytes[i] = 255;
  }
  return mask;
}

// Everything one pair is developed from.
struct Shot {
  const Scenery& scenery;
  const Conditions& conditions;
  const Stage& reference;
  const Stage& current;
  std::uint64_t seed;
};

struct Developed {
  std::array<Picture, 2> taken{};
  std::array<Image, 2> exposed{};
  std::vector<std::uint8_t> pixels{};
};

Developed DevelopBoth(const Shot& shot, const Region& crop, bool whole, int width, int height,
                      int size) {
  Developed both;
  std::array<float, 2> factor{};
  for (std::size_t i = 0; i < 2; ++i) {
    const Conditions& c = shot.conditions;
    both.taken[i] = Take(i == 0 ? shot.reference : shot.current, c.camera[i], c.lighting[i], crop,
                         width, height, shot.seed + i);
    factor[i] = Exposure(both.taken[i], c.target);
  }
  // A camera follows the light, but not all the way.
  factor[1] =
      std::pow(factor[0], 1 - shot.conditions.follow) * std::pow(factor[1], shot.conditions.follow);
  for (std::size_t i = 0; i < 2; ++i) {
    both.exposed[i] = Expose(both.taken[i], factor[i], shot.conditions.balance[i]);
    DevelopScene(both.exposed[i], shot.conditions, i, whole, size, both.pixels);
  }
  return both;
}

Status WritePictures(const Shot& shot, const ScenePairOptions& options, std::uint64_t id,
                     const std::vector<int>& objects) {
  const int width = 640;
  const int height = static_cast<int>(std::lround(width / shot.scenery.camera.aspect));
  const Region all{.x = 0, .y = 0, .w = 1, .h = 1};
  const Developed both = DevelopBoth(shot, all, true, width, height, 0);
  std::error_code error;
  std::filesystem::create_directories(options.pictures, error);
  if (error) return Unavailable(options.pictures.string() + ": " + error.message());
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string name = std::to_string(id) + (i == 0 ? "_reference" : "_current");
    Image picture = MakeImage(width, height, 3);
    std::copy_n(both.pixels.begin() + static_cast<std::ptrdiff_t>(i * picture.bytes.size()),
                picture.bytes.size(), picture.bytes.begin());
    if (auto status = WritePng(options.pictures / (name + ".png"), picture); !status.ok())
      return status;
    const Image mask = Mask(both.taken[i], objects);
    if (auto status = WritePng(options.pictures / (name + "_mask.png"), mask); !status.ok()) {
      return status;
    }
  }
  return {};
}

// One attempt.  nullopt: draw again.
Result<std::optional<Pair>> Attempt(const ModelStock& stock, const ScenePairOptions& options,
                                    const SceneWish& wish, std::uint64_t id, Random& random) {
  const std::optional<Pair> again;
  auto scenery = DrawScenery(stock, wish.family, wish.test, random);
  if (!scenery) return again;
  const bool solids = wish.family == Family::kSolids;
  std::optional<Change> change;
  if (wish.kind) {
    change = DrawChange(stock, *scenery, *wish.kind, wish.test, random);
    if (!change) return again;
    if (random.Chance(kSeveralShare) && !AddAnother(stock, *scenery, wish.test, random, *change)) {
      return again;
    }
  } else {
    change = Change{.reference = scenery->state, .current = scenery->state};
    change->truth.cause = wish.cause;
  }
  const auto avoid = wish.kind ? std::optional<Region>(BoundingBox(change->boxes)) : std::nullopt;
  const Conditions conditions =
      DrawConditions(stock, *scenery, wish.cause, wish.kind.has_value(), avoid, wish.test, random);
  if (!wish.kind && wish.cause == Cause::kPasserBy && conditions.passer_boxes.empty()) return again;

  std::vector<Region> own = change->boxes;
  if (change->also) own.pop_back();
  Region focus =
      wish.kind ? Clip(BoundingBox(own)) : FalseCandidate(*scenery, conditions, *change, random);
  if (wish.kind && !(focus.w > 0 && focus.h > 0)) return again;
  if (wish.kind && focus.w > 0.75) return again;
  auto reference = Build(stock, *scenery, change->reference, conditions.passers[0]);
  if (!reference) return Failure(reference.error());
  auto current = Build(stock, *scenery, change->current, conditions.passers[1]);
  if (!current) return Failure(current.error());

  if (wish.kind) {
    const Probe probe = Look(*reference, *current, conditions.camera[0], focus, change->objects);
    const double least = wish.kind == ChangeKind::kText    ? 0.03
                         : wish.kind == ChangeKind::kCount ? 0.06
                                                           : 0.08;
    const bool is[2] = {wish.kind != ChangeKind::kAdded, wish.kind != ChangeKind::kRemoved};
    const bool partly = wish.kind == ChangeKind::kCount;
    for (std::size_t i = 0; i < 2; ++i) {
      if (is[i] && !partly && probe.shown[i] < 0.05) return again;
    }
    if (probe.different < least) return again;
    if (change->also) {
      const Probe other = Look(*reference, *current, conditions.camera[0],
                               Clip(change->boxes.back()), {change->also_object});
      if (other.shown[0] + other.shown[1] < 0.05) return again;
    }
  }

  // As the detector sees it, in the reference picture or in between.
  if (random.Chance(0.4) && change->stand >= 0) {
    const Stand& stand = change->current.stands[static_cast<std::size_t>(change->stand)];
    if (stand.there) {
      if (const auto seen = Appears(conditions.camera[1], *stand.model, PoseOf(*scenery, stand))) {
        focus = Clip(Union(focus, *seen));
      }
    }
  }
  const int full_w = solids ? 480 : kFull_px;
  const int full_h = static_cast<int>(std::lround(full_w / scenery->camera.aspect));
  const bool large = std::max(focus.w * scenery->camera.aspect, focus.h) > 0.13;
  const bool whole = solids ? random.Chance(0.7) : (large || !wish.kind) && random.Chance(0.12);
  std::vector<Region> regions;
  if (!whole) {
    regions.push_back(Detected(focus, random));
    if (change->also) regions.push_back(Detected(change->boxes.back(), random));
    if (change->boxes.size() > 1 && random.Chance(0.1))
      regions.push_back(Detected(change->boxes[0], random));
  }
  const model::PixelRect rect = model::CropFor(full_w, full_h, regions);
  const Region crop{.x = static_cast<double>(rect.x) / full_w,
                    .y = static_cast<double>(rect.y) / full_h,
                    .w = static_cast<double>(rect.width) / full_w,
                    .h = static_cast<double>(rect.height) / full_h};
  if (wish.kind && !whole) {
    for (const Region& box : change->boxes) {
      if (Overlap(box, crop) < 0.6 * box.w * box.h) return again;
    }
  }

  const Shot shot{*scenery, conditions, *reference, *current, random.Bits()};
  const int inner = static_cast<int>(std::lround(options.size * kOversample));
  Developed both = DevelopBoth(shot, crop, whole, inner, inner, options.size);

  // Words for what is seen.
  Truth& truth = change->truth;
  const std::size_t shows = wish.kind == ChangeKind::kAdded ? 1 : 0;
  const bool colorless =
      conditions.infrared[0] || conditions.infrared[1] || conditions.target < 0.06F;
  if (solids || wish.kind == ChangeKind::kText) {
    // Known.
  } else if (!change->objects.empty()) {
    if (truth.subject.noun != "door") {
      truth.subject.color =
          SeenColor(both.exposed[shows], both.taken[shows].object, change->objects,
                    wish.kind == ChangeKind::kRecolored ? 0.4 : 0.55);
    }
    if (wish.kind == ChangeKind::kReplaced || wish.kind == ChangeKind::kRecolored) {
      truth.other.color = SeenColor(both.exposed[1], both.taken[1].object, change->objects,
                                    wish.kind == ChangeKind::kRecolored ? 0.4 : 0.55);
    }
    if (wish.kind == ChangeKind::kRecolored && (!truth.subject.color || !truth.other.color ||
                                                *truth.subject.color == *truth.other.color)) {
      return again;
    }
  }
  if (colorless) {
    if (wish.kind == ChangeKind::kRecolored) return again;
    truth.subject.color.reset();
    truth.other.color.reset();
  }
  if (wish.kind) {
    const int near = FindNeighbour(*scenery, *change, crop, focus, truth);
    if (near >= 0 && !solids && !colorless) {
      truth.neighbour->color = SeenColor(both.exposed[0], both.taken[0].object, {near + 1}, 0.6);
    }
  }
  if (whole && wish.kind && !solids && truth.before == 0) {
    const double middle = focus.x + focus.w / 2;
    truth.part = middle < 0.36 ? "left" : middle > 0.64 ? "right" : "middle";
  }
  truth.scene = scenery->place;
  if (truth.cause == Cause::kPasserBy &&
      std::none_of(conditions.passer_boxes.begin(), conditions.passer_boxes.end(),
                   [&](const Region& box) { return Overlap(box, crop) > 0.3 * box.w * box.h; })) {
    truth.cause = Cause::kNothing;  // Out of the picture.
  }

  Pair pair{.id = id, .kind = wish.kind};
  truth.several = change->also.has_value();
  pair.captions = Captions(truth, random);
  pair.captions_long = LongCaptions(truth, random);
  if (change->also) {
    const bool came = change->also->kind == ChangeKind::kAdded;
    if (!solids && !colorless) {
      const std::size_t shown = came ? 1 : 0;
      change->also->subject.color =
          SeenColor(both.exposed[shown], both.taken[shown].object, {change->also_object}, 0.55);
    }
    if (colorless) change->also->subject.color.reset();
    for (auto* captions : {&pair.captions, &pair.captions_long}) {
      for (std::string& caption : *captions) {
        caption += " and " + Captions(*change->also, random).front();
      }
    }
  }
  if (options.long_captions) {
    pair.captions.insert(pair.captions.end(), pair.captions_long.begin(), pair.captions_long.end());
  }
  pair.noun = truth.subject.noun;
  pair.color = truth.subject.color.value_or("");
  pair.crop = crop;
  if (!regions.empty()) {
    const Region r = BoundingBox(regions);
    pair.region = Clip({.x = (r.x - crop.x) / crop.w,
                        .y = (r.y - crop.y) / crop.h,
                        .w = r.w / crop.w,
                        .h = r.h / crop.h});
  }
  pair.truth = TruthJson(*scenery, *change, conditions);
  pair.pixels = std::move(both.pixels);
  if (!options.pictures.empty()) {
    if (auto status = WritePictures(shot, options, id, change->objects); !status.ok()) {
      return Failure(status);
    }
  }
  return std::optional<Pair>(std::move(pair));
}

}  // namespace

Result<Pair> DrawScenePair(const ModelStock& stock, const ScenePairOptions& options,
                           std::uint64_t id) {
  try {
    Random first = Random::For(options.seed, id);
    const double at = first.Unit();
    const std::string split = !options.split.empty()        ? options.split
                              : at < kTestShare             ? "test"
                              : at < kTestShare + kValShare ? "val"
                                                            : "train";
    SceneWish wish = DrawWish(options, first);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      Random random(first.Bits());
      // Some wishes fit into few places only: another place, then another wish.
      if (attempt >= 4 && wish.family != Family::kSolids) {
        wish.family = static_cast<Family>(random.Weighted({kFamilies.begin(), kFamilies.end()}));
      }
      if (attempt >= kAttempts / 2) wish = DrawWish(options, random);
      wish.test = split == "test";
      auto pair = Attempt(stock, options, wish, id, random);
      if (!pair) return Failure(pair.error());
      if (!*pair) continue;
      (*pair)->split = split;
      return std::move(**pair);
    }
    return Failure(Internal("pair " + std::to_string(id) + ": no drawing worked out"));
  } catch (const std::exception& error) {
    return Failure(Internal("pair " + std::to_string(id) + ": " + error.what()));
  }
}

}  // namespace stillwatch::data
