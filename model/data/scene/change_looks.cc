#include <cmath>
#include <string>

#include "model/data/palette.h"
#include "model/data/scene/change_kinds.h"
#include "model/data/scene/solid_colors.h"

namespace stillwatch::data {
namespace {

// Slim enough to be knocked over.
bool Tips(const Model& m) {
  const float height = m.high.y - m.low.y;
  const float longer = std::max(m.high.x - m.low.x, m.high.z - m.low.z);
  const float shorter = std::min(m.high.x - m.low.x, m.high.z - m.low.z);
  return !m.vehicle && height > 1.1F * shorter && height > 0.8F * longer && height < 1.9F;
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

}  // namespace

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

}  // namespace stillwatch::data
