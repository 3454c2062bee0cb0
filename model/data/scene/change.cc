#include "model/data/scene/change.h"

#include <cmath>
#include <string>

#include "model/data/palette.h"
#include "model/data/scene/change_kinds.h"
#include "model/data/scene/solid_colors.h"

namespace stillwatch::data {
namespace {

constexpr double kMost = 0.9;

// One that stands there and is in view; -1: none.
int DrawPresent(const Scenery& scenery, Random& random, double least,
                const std::function<bool(const Stand&)>& fits = {}) {
  std::vector<int> found;
  for (std::size_t i = 0; i < scenery.state.stands.size(); ++i) {
    const Stand& stand = scenery.state.stands[i];
    if (!stand.there || (fits && !fits(stand)) || !InView(scenery, stand, least)) continue;
    found.push_back(static_cast<int>(i));
  }
  return found.empty() ? -1 : random.Pick(found);
}

std::optional<Change> AddOrRemove(const ModelStock& stock, Scenery& scenery, bool added, bool test,
                                  Random& random) {
  auto stand = DrawNewcomer(stock, scenery, test, random);
  if (!stand) return std::nullopt;
  const int index = static_cast<int>(scenery.state.stands.size());
  scenery.state.stands.push_back(*stand);
  Change change{.reference = scenery.state, .current = scenery.state};
  At(added ? change.reference : change.current, index).there = false;
  change.truth.subject = NamingOf(scenery, *stand);
  Finish(scenery, index, change);
  return change;
}

// Where something went, as the camera sees it.
std::string DirectionOf(const Scenery& scenery, const Stand& from, const Stand& to) {
  const auto a = scenery.camera.See(PoseOf(scenery, from).at);
  const auto b = scenery.camera.See(PoseOf(scenery, to).at);
  if (!a || !b) return "";
  const double right = ((*b)[0] - (*a)[0]) * scenery.camera.aspect;
  const double nearer =
      scenery.camera.Depth(PoseOf(scenery, from).at) - scenery.camera.Depth(PoseOf(scenery, to).at);
  const double down = (*b)[1] - (*a)[1];
  if (std::abs(right) > 0.8 * std::abs(down)) return right > 0 ? "to the right" : "to the left";
  return nearer > 0 ? "closer" : "further away";
}

std::optional<Change> Move(const ModelStock& stock, Scenery& scenery, bool test, Random& random) {
  const int index = DrawSubject(stock, scenery, test, random, kLeast);
  if (index < 0) return std::nullopt;
  const Stand from = At(scenery.state, index);
  const Bounds b = BoundsOf(scenery, from);
  const float size = std::max(b.high.x - b.low.x, b.high.z - b.low.z);
  for (int attempt = 0; attempt < 20; ++attempt) {
    Stand to = from;
    const auto angle = static_cast<float>(random.Range(0, 6.2832));
    const auto far =
        size * static_cast<float>(random.Range(0.8, 2.6)) + (Solids(scenery) ? 0.3F : 0.0F);
    to.x += std::cos(angle) * far;
    to.z += std::sin(angle) * far;
    if (!Fits(scenery, scenery.state, to, index) || !InView(scenery, to, kLeast)) continue;
    Change change{.reference = scenery.state, .current = scenery.state};
    At(change.current, index) = to;
    change.truth.direction = DirectionOf(scenery, from, to);
    if (change.truth.direction.empty()) continue;
    change.truth.subject = NamingOf(scenery, from);
    Finish(scenery, index, change);
    return change;
  }
  return std::nullopt;
}

std::optional<Change> Replace(const ModelStock& stock, Scenery& scenery, bool test,
                              Random& random) {
  const int index = DrawSubject(stock, scenery, test, random, kLeast);
  if (index < 0) return std::nullopt;
  const Stand from = At(scenery.state, index);
  for (int attempt = 0; attempt < 20; ++attempt) {
    Stand to = from;
    if (Solids(scenery)) {
      auto other = PutSolid(stock, scenery, scenery.state, random);
      if (!other || other->model == from.model) continue;
      other->x = from.x;
      other->z = from.z;
      to = *other;
    } else {
      const char place = scenery.supports[static_cast<std::size_t>(from.support)].place;
      const Model* model = stock.Draw(test, place, random);
      if (!model || model->noun == from.model->noun) continue;
      to.model = model;
      to.tint.reset();
      to.color.clear();
      PaintStand(to, random);
    }
    if (!Fits(scenery, scenery.state, to, index) || !InView(scenery, to, kLeast)) continue;
    Change change{.reference = scenery.state, .current = scenery.state};
    At(change.current, index) = to;
    change.truth.subject = NamingOf(scenery, from);
    change.truth.other = NamingOf(scenery, to);
    Finish(scenery, index, change);
    return change;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Stand> DrawNewcomer(const ModelStock& stock, const Scenery& scenery, bool test,
                                  Random& random, const Fitting& fits) {
  for (int attempt = 0; attempt < 14; ++attempt) {
    std::optional<Stand> stand;
    if (Solids(scenery)) {
      stand = PutSolid(stock, scenery, scenery.state, random);
    } else {
      const int support = DrawSupport(scenery, random);
      const char place = scenery.supports[static_cast<std::size_t>(support)].place;
      const Model* model = stock.Draw(test, place, random, fits);
      if (!model) continue;
      stand = Put(scenery, scenery.state, *model, support, random);
      if (stand) PaintStand(*stand, random);
    }
    if (stand && InView(scenery, *stand, kLeast)) return stand;
  }
  return std::nullopt;
}

int DrawSubject(const ModelStock& stock, Scenery& scenery, bool test, Random& random, double least,
                const Fitting& fits) {
  if (Solids(scenery) || random.Chance(0.3)) {
    return DrawPresent(scenery, random, least,
                       [&](const Stand& s) { return !fits || fits(*s.model); });
  }
  auto stand = DrawNewcomer(stock, scenery, test, random, fits);
  if (!stand || !InView(scenery, *stand, least)) return -1;
  scenery.state.stands.push_back(*stand);
  return static_cast<int>(scenery.state.stands.size()) - 1;
}

void Finish(const Scenery& scenery, int index, Change& change) {
  change.stand = index;
  change.objects = {index + 1};
  const Stand& stand = At(change.reference, index);
  const Support& support = scenery.supports[static_cast<std::size_t>(stand.support)];
  change.truth.ground = support.ground;
  change.truth.vehicle = stand.model->vehicle;
  for (const State* state : {&change.reference, &change.current}) {
    const Stand& one = state->stands[static_cast<std::size_t>(index)];
    if (!one.there) continue;
    if (auto box = Appears(scenery.camera, *one.model, PoseOf(scenery, one))) {
      change.boxes.push_back(*box);
    }
  }
}

bool AddAnother(const ModelStock& stock, Scenery& scenery, bool test, Random& random,
                Change& change) {
  const auto stand = DrawNewcomer(stock, scenery, test, random);
  if (!stand || !Fits(scenery, change.reference, *stand) ||
      !Fits(scenery, change.current, *stand)) {
    return false;
  }
  const auto box = InView(scenery, *stand, kLeast);
  const Naming naming = NamingOf(scenery, *stand);
  if (!box || naming.noun == change.truth.subject.noun) return false;
  const bool added = random.Chance(0.5);
  for (State* state : {&scenery.state, &change.reference, &change.current}) {
    state->stands.push_back(*stand);
  }
  (added ? change.reference : change.current).stands.back().there = false;
  change.also_object = static_cast<int>(change.reference.stands.size());
  change.boxes.push_back(*box);
  change.also = Truth{.kind = added ? ChangeKind::kAdded : ChangeKind::kRemoved,
                      .subject = naming,
                      .vehicle = stand->model->vehicle};
  return true;
}

Naming NamingOf(const Scenery& scenery, const Stand& stand) {
  Naming naming{.noun = stand.model->noun, .detail = stand.model->detail};
  if (!Solids(scenery)) return naming;
  naming.color = stand.color;
  naming.material = stand.shine && *stand.shine == kMetal ? "metal" : "rubber";
  const float height = (stand.model->high.y - stand.model->low.y) * stand.scale;
  naming.size = height > 0.85F ? "large" : "small";
  return naming;
}

int DrawSupport(const Scenery& scenery, Random& random) {
  std::vector<double> weights;
  for (const Support& support : scenery.supports) weights.push_back(support.weight);
  return static_cast<int>(random.Weighted(weights));
}

std::optional<Region> InView(const Scenery& scenery, const Stand& stand, double least) {
  const auto box = Appears(scenery.camera, *stand.model, PoseOf(scenery, stand));
  if (!box) return std::nullopt;
  const double x0 = std::clamp(box->x, 0.0, 1.0), x1 = std::clamp(box->x + box->w, 0.0, 1.0);
  const double y0 = std::clamp(box->y, 0.0, 1.0), y1 = std::clamp(box->y + box->h, 0.0, 1.0);
  if ((x1 - x0) * (y1 - y0) < 0.7 * box->w * box->h) return std::nullopt;
  const double size = std::max((x1 - x0) * scenery.camera.aspect, y1 - y0);
  if (size < least || size > kMost) return std::nullopt;
  return Region{.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0};
}

std::optional<Change> DrawChange(const ModelStock& stock, Scenery& scenery, ChangeKind kind,
                                 bool test, Random& random) {
  std::optional<Change> change;
  switch (kind) {
    case ChangeKind::kAdded:
      change = AddOrRemove(stock, scenery, true, test, random);
      break;
    case ChangeKind::kRemoved:
      change = AddOrRemove(stock, scenery, false, test, random);
      break;
    case ChangeKind::kMoved:
      change = Move(stock, scenery, test, random);
      break;
    case ChangeKind::kReplaced:
      change = Replace(stock, scenery, test, random);
      break;
    case ChangeKind::kRecolored:
      change = Recolor(stock, scenery, test, random);
      break;
    case ChangeKind::kResized:
      change = Resize(stock, scenery, test, random);
      break;
    case ChangeKind::kTurned:
      change = Turn(stock, scenery, test, random);
      break;
    case ChangeKind::kPosed:
      change = Pose(stock, scenery, test, random);
      break;
    case ChangeKind::kText:
      change = Text(scenery, random);
      break;
    case ChangeKind::kCount:
      change = Count(stock, scenery, test, random);
      break;
    default:
      break;
  }
  if (change) {
    change->truth.kind = kind;
    if (change->boxes.empty()) return std::nullopt;
  }
  return change;
}

}  // namespace stillwatch::data
