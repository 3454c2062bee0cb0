#include "model/data/scene/change.h"

#include <cmath>
#include <string>

#include "model/data/palette.h"
#include "model/data/scene/solid_colors.h"

namespace stillwatch::data {
namespace {

constexpr double kLeast = 0.055;  // Of the picture's height: below, nothing can be told (a guess).
constexpr double kMost = 0.9;

bool Solids(const Scenery& scenery) { return scenery.family == Family::kSolids; }

// Something that was not there yet, in view.
std::optional<Stand> DrawNewcomer(const ModelStock& stock, const Scenery& scenery, bool test,
                                  Random& random,
                                  const std::function<bool(const Model&)>& fits = {}) {
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

// A subject for a change of something that stays: mostly put there for it, so that subjects are as
// varied as newcomers.
int DrawSubject(const ModelStock& stock, Scenery& scenery, bool test, Random& random, double least,
                const std::function<bool(const Model&)>& fits = {}) {
  if (Solids(scenery) || random.Chance(0.3)) {
    return DrawPresent(scenery, random, least,
                       [&](const Stand& s) { return !fits || fits(*s.model); });
  }
  auto stand = DrawNewcomer(stock, scenery, test, random, fits);
  if (!stand || !InView(scenery, *stand, least)) return -1;
  scenery.state.stands.push_back(*stand);
  return static_cast<int>(scenery.state.stands.size()) - 1;
}

Stand& At(State& state, int index) { return state.stands[static_cast<std::size_t>(index)]; }

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

std::optional<Change> Recolor(const ModelStock& stock, Scenery& scenery, bool test,
                              Random& random) {
  const int index = DrawSubject(stock, scenery, test, random, kLeast,
                                [&](const Model& m) { return Solids(scenery) || Paintable(m); });
  if (index < 0) return std::nullopt;
  Change change{.reference = scenery.state, .current = scenery.state};
  Stand& from = At(change.reference, index);
  Stand& to = At(change.current, index);
  if (Solids(scenery)) {
    if (random.Chance(0.3)) {
      to.shine = *from.shine == kMetal ? kRubber : kMetal;
    } else {
      const NamedColor* color = &random.Pick(SolidColors());
      while (color->name == from.color) color = &random.Pick(SolidColors());
      ColorSolid(to, *color, random);
    }
  } else {
    const auto paint = [&](Stand& stand, const std::string& name) {
      stand.color = name;
      stand.tint = ToVec(PaletteColor(name));
    };
    const std::string before = random.Pick(Palette()).name;
    std::string after = before;
    while (after == before) after = random.Pick(Palette()).name;
    paint(from, before);
    paint(to, after);
  }
  change.truth.subject = NamingOf(scenery, from);
  change.truth.other = NamingOf(scenery, to);
  Finish(scenery, index, change);
  return change;
}

std::optional<Change> Resize(const ModelStock& stock, Scenery& scenery, bool test, Random& random) {
  const int index = DrawSubject(stock, scenery, test, random, kLeast);
  if (index < 0) return std::nullopt;
  Change change{.reference = scenery.state, .current = scenery.state};
  const bool larger = random.Chance(0.5);
  const float factor = Solids(scenery) ? 2.0F : static_cast<float>(random.Range(1.4, 1.9));
  Stand& now = At(change.current, index);
  now.scale *= larger ? factor : 1 / factor;
  if (Solids(scenery) && (now.scale > 5 || now.scale < 1.2F)) return std::nullopt;
  if (larger && !Solids(scenery) && !Fits(scenery, scenery.state, now, index)) return std::nullopt;
  if (!InView(scenery, now, kLeast * 0.8)) return std::nullopt;
  change.truth.larger = larger;
  change.truth.subject = NamingOf(scenery, At(change.reference, index));
  change.truth.subject.size.clear();
  Finish(scenery, index, change);
  return change;
}

std::optional<Change> Turn(const ModelStock& stock, Scenery& scenery, bool test, Random& random) {
  const int index = DrawSubject(stock, scenery, test, random, 1.3 * kLeast,
                                [](const Model& m) { return !m.round; });
  if (index < 0) return std::nullopt;
  Change change{.reference = scenery.state, .current = scenery.state};
  Stand& now = At(change.current, index);
  for (int attempt = 0; attempt < 6; ++attempt) {
    now.yaw = At(change.reference, index).yaw +
              static_cast<float>(random.Range(0.8, 3.14) * (random.Chance(0.5) ? 1 : -1));
    if (!Fits(scenery, scenery.state, now, index)) continue;
    change.truth.subject = NamingOf(scenery, now);
    Finish(scenery, index, change);
    return change;
  }
  return std::nullopt;
}

bool Tips(const Model& m) {
  const float width = std::min(m.high.x - m.low.x, m.high.z - m.low.z);
  return !m.vehicle && m.high.y - m.low.y > 1.1F * width && m.high.y - m.low.y < 1.9F;
}

std::optional<Change> PoseDoor(Scenery& scenery, Random& random) {
  const int door = random.Int(0, static_cast<int>(scenery.doors.size()) - 1);
  Change change{.reference = scenery.state, .current = scenery.state};
  const auto d = static_cast<std::size_t>(door);
  const auto open = static_cast<float>(-random.Range(0.5, 1.5));
  const bool opened = random.Chance(0.5);
  change.reference.doors[d] = opened ? 0 : open;
  change.current.doors[d] = opened ? open : 0;
  change.truth.pose = opened ? Truth::Pose::kOpened : Truth::Pose::kClosed;
  change.truth.subject.noun = "door";
  change.objects = {kFirstDoor + door};
  const Door& leaf = scenery.doors[d];
  for (const float angle : {change.reference.doors[d], change.current.doors[d]}) {
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
    for (const float along : {0.0F, leaf.width}) {
      for (const float y : {0.0F, leaf.height}) {
        const float yaw = leaf.yaw + angle;
        const auto seen = scenery.camera.See(
            leaf.hinge + Vec{std::cos(yaw), 0, -std::sin(yaw)} * along + Vec{0, y, 0});
        if (!seen) return std::nullopt;
        x0 = std::min(x0, (*seen)[0]);
        x1 = std::max(x1, (*seen)[0]);
        y0 = std::min(y0, (*seen)[1]);
        y1 = std::max(y1, (*seen)[1]);
      }
    }
    if (x0 < -0.1 || x1 > 1.1 || y0 < -0.2 || y1 > 1.2) return std::nullopt;
    change.boxes.push_back({.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0});
  }
  return change;
}

std::optional<Change> Pose(const ModelStock& stock, Scenery& scenery, bool test, Random& random) {
  if (Solids(scenery)) return std::nullopt;
  if (!scenery.doors.empty() && random.Chance(0.5)) return PoseDoor(scenery, random);
  const int index = DrawSubject(stock, scenery, test, random, kLeast, Tips);
  if (index < 0) return std::nullopt;
  Change change{.reference = scenery.state, .current = scenery.state};
  const bool fell = random.Chance(0.65);
  Stand& lies = At(fell ? change.current : change.reference, index);
  for (int attempt = 0; attempt < 8; ++attempt) {
    lies.lying = true;
    lies.yaw = static_cast<float>(random.Range(0, 6.2832));
    if (!Fits(scenery, scenery.state, lies, index)) continue;
    change.truth.pose = fell ? Truth::Pose::kFell : Truth::Pose::kSetUpright;
    change.truth.subject = NamingOf(scenery, lies);
    Finish(scenery, index, change);
    return change;
  }
  return std::nullopt;
}

std::optional<Change> Text(Scenery& scenery, Random& random) {
  if (scenery.signs.empty()) return std::nullopt;
  const int sign = random.Int(0, static_cast<int>(scenery.signs.size()) - 1);
  const auto i = static_cast<std::size_t>(sign);
  const Sign& board = scenery.signs[i];
  double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
  for (const Vec& corner : {board.low_left, board.low_left + board.right, board.low_left + board.up,
                            board.low_left + board.right + board.up}) {
    const auto seen = scenery.camera.See(corner);
    if (!seen) return std::nullopt;
    x0 = std::min(x0, (*seen)[0]);
    x1 = std::max(x1, (*seen)[0]);
    y0 = std::min(y0, (*seen)[1]);
    y1 = std::max(y1, (*seen)[1]);
  }
  if (x0 < 0 || x1 > 1 || y0 < 0 || y1 > 1 || y1 - y0 < 0.05 || x1 - x0 < 0.05) {
    return std::nullopt;
  }
  Change change{.reference = scenery.state, .current = scenery.state};
  static const std::vector<std::string> kWords{"open",  "closed", "free", "full", "exit", "stop",
                                               "start", "on",     "off",  "sale", "push", "pull"};
  const std::string before = scenery.state.signs[i];
  std::string after = before;
  while (after == before) {
    after = random.Chance(0.5) ? std::to_string(random.Int(10, 99)) : random.Pick(kWords);
  }
  change.current.signs[i] = after;
  change.truth.subject = {.noun = board.noun, .color = board.board};
  change.truth.text_before = before;
  change.truth.text_after = after;
  change.objects = {kFirstSign + sign};
  change.boxes = {{.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0}};
  return change;
}

// A row of one thing of which some come or go.
std::optional<Change> Count(const ModelStock& stock, Scenery& scenery, bool test, Random& random) {
  if (Solids(scenery)) return std::nullopt;
  const auto first = DrawNewcomer(stock, scenery, test, random, [](const Model& m) {
    return !m.vehicle && m.high.y - m.low.y < 1.3F && !m.flat_top;
  });
  if (!first) return std::nullopt;
  State all = scenery.state;
  std::vector<int> row;
  const Bounds b = BoundsOf(scenery, *first);
  const float pitch = (b.high.x - b.low.x) * static_cast<float>(random.Range(1.1, 1.5)) + 0.03F;
  const int wanted = random.Int(2, 5);
  Stand stand = *first;
  for (int i = 0; i < wanted; ++i) {
    stand.yaw = first->yaw + static_cast<float>(random.Normal() * 0.08);
    if (Fits(scenery, all, stand) && InView(scenery, stand, kLeast)) {
      row.push_back(static_cast<int>(all.stands.size()));
      all.stands.push_back(stand);
    } else if (i > 0) {
      break;
    }
    stand.x += pitch;
  }
  const int have = static_cast<int>(row.size());
  if (have < 2) return std::nullopt;
  const int stays = random.Int(1, have - 1);
  Change change{.reference = all, .current = all};
  const bool gone = random.Chance(0.5);
  // From one end, as people take them.
  const bool left = random.Chance(0.5);
  for (int i = 0; i < have; ++i) {
    const bool goes = left ? i < have - stays : i >= stays;
    const int index = row[static_cast<std::size_t>(i)];
    if (goes) {
      At(gone ? change.current : change.reference, index).there = false;
      change.objects.push_back(index + 1);
    }
    const Stand& one = At(all, index);
    const auto box = Appears(scenery.camera, *one.model, PoseOf(scenery, one));
    if (goes && box) change.boxes.push_back(*box);
  }
  change.truth.before = gone ? have : stays;
  change.truth.after = gone ? stays : have;
  change.truth.subject = NamingOf(scenery, *first);
  change.stand = row[static_cast<std::size_t>(left ? 0 : have - 1)];
  change.truth.ground = scenery.supports[static_cast<std::size_t>(first->support)].ground;
  scenery.state = all;
  return change;
}

}  // namespace

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
