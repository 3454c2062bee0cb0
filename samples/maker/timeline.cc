#include "samples/maker/timeline.h"

#include <cmath>
#include <numbers>

#include "samples/maker/props.h"

namespace stillwatch::sample {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr double kGrab = 0.55;  // Seconds from hand on the thing to thing in hand, and back.

const Placement kBagPlace{{2.62F, 3.72F, 0}, 0.10F};
const Placement kExtinguisherPlace{{3.90F, 5.69F, 0.82F}, 0.0F};
const Placement kBoxBefore{{3.78F, 3.02F, 0}, 0.16F};
const Placement kBoxAfter{{4.70F, 3.08F, 0}, 0.10F};

const Vec3 kCorridor{-0.75F, 3.95F, 0};
const Vec3 kDoorway{-0.10F, 3.90F, 0};

std::vector<Visit> MakeVisits() {
  const Outfit porter{.torso = Material::kVestOrange,
                      .sleeve = Material::kShirtBlue,
                      .trousers = Material::kTrousersDark,
                      .head = Material::kHelmet,
                      .vest = true};
  const Outfit visitor{.torso = Material::kJacketGrey,
                       .sleeve = Material::kJacketGrey,
                       .trousers = Material::kJeans,
                       .head = Material::kHair,
                       .vest = false};
  const Outfit fitter{.torso = Material::kShirtBlue,
                      .sleeve = Material::kShirtBlue,
                      .trousers = Material::kShirtBlue,
                      .head = Material::kHair,
                      .vest = false};
  const Outfit packer{.torso = Material::kVestYellow,
                      .sleeve = Material::kShirtGreen,
                      .trousers = Material::kTrousersKhaki,
                      .head = Material::kHair,
                      .vest = true};
  const Vec3 by_bag{3.16F, 3.42F, 0};
  const Vec3 by_wall{3.86F, 5.22F, 0};
  const Vec3 by_box = kBoxBefore.position + Vec3{0, 0.62F, 0};
  const Vec3 by_box_after = kBoxAfter.position + Vec3{0, 0.62F, 0};
  return {
      {.start = 8.0,
       .who = "a person in an orange vest and a white helmet walks through",
       .outfit = porter,
       .legs = {{.points = {kCorridor,
                            kDoorway,
                            {1.5F, 2.95F, 0},
                            {2.7F, 2.12F, 0},
                            {4.4F, 1.98F, 0},
                            {6.3F, 2.0F, 0}},
                 .seconds = 5.2}}},
      {.start = 17.5,
       .who = "a person in a grey jacket leaves a black bag",
       .outfit = visitor,
       .legs = {{.points = {kCorridor, kDoorway, {1.3F, 2.95F, 0}, {2.5F, 2.85F, 0}, by_bag},
                 .seconds = 3.2},
                {.points = {by_bag}, .seconds = 1.4, .yaw = 1.15F},
                {.points = {by_bag, {2.6F, 2.85F, 0}, {1.3F, 2.95F, 0}, kDoorway, kCorridor},
                 .seconds = 3.2}},
       .cargo = Cargo{.thing = Thing::kBag, .to = kBagPlace, .put_at = 3.85}},
      {.start = 33.6,
       .who = "a person in blue overalls takes the fire extinguisher away",
       .outfit = fitter,
       .legs = {{.points = {kCorridor, kDoorway, {1.5F, 4.6F, 0}, {3.0F, 4.7F, 0}, by_wall},
                 .seconds = 3.3},
                {.points = {by_wall}, .seconds = 1.3, .yaw = 0.0F},
                {.points = {by_wall, {3.0F, 4.6F, 0}, {1.5F, 4.5F, 0}, kDoorway, kCorridor},
                 .seconds = 3.2}},
       .cargo = Cargo{.thing = Thing::kExtinguisher, .from = kExtinguisherPlace, .take_at = 3.95}},
      {.start = 49.7,
       .who = "a person in a yellow vest moves the cardboard box",
       .outfit = packer,
       .legs = {{.points = {kCorridor,
                            kDoorway,
                            {1.3F, 3.0F, 0},
                            {2.6F, 3.05F, 0},
                            by_box + Vec3{-0.5F, 0.15F, 0},
                            by_box},
                 .seconds = 3.5},
                {.points = {by_box}, .seconds = 1.2, .yaw = kPi},
                {.points = {by_box, by_box_after}, .seconds = 1.0, .yaw = kPi},
                {.points = {by_box_after}, .seconds = 1.1, .yaw = kPi},
                {.points = {by_box_after,
                            {4.2F, 4.1F, 0},
                            {2.6F, 4.55F, 0},
                            {1.2F, 4.3F, 0},
                            kDoorway,
                            kCorridor},
                 .seconds = 4.0}},
       .cargo = Cargo{.thing = Thing::kBox,
                      .from = kBoxBefore,
                      .to = kBoxAfter,
                      .take_at = 4.05,
                      .put_at = 6.3}},
  };
}

// A smooth line through the points, by Catmull-Rom, about every 2 cm.
std::vector<Vec3> Rounded(const std::vector<Vec3>& points) {
  std::vector<Vec3> line;
  const std::size_t n = points.size();
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const Vec3 a = points[i == 0 ? 0 : i - 1];
    const Vec3 b = points[i];
    const Vec3 c = points[i + 1];
    const Vec3 d = points[std::min(i + 2, n - 1)];
    for (int k = 0; k < 60; ++k) {
      const float t = static_cast<float>(k) / 60;
      line.push_back((b * 2 + (c - a) * t + (a * 2 - b * 5 + c * 4 - d) * (t * t) +
                      (b * 3 - a - c * 3 + d) * (t * t * t)) *
                     0.5F);
    }
  }
  line.push_back(points.back());
  return line;
}

float Extent(const std::vector<Vec3>& line) {
  float length = 0;
  for (std::size_t i = 1; i < line.size(); ++i) length += Length(line[i] - line[i - 1]);
  return length;
}

Vec3 Along(const std::vector<Vec3>& line, float distance) {
  if (distance <= 0 || line.size() < 2) return line.front();
  for (std::size_t i = 1; i < line.size(); ++i) {
    const float step = Length(line[i] - line[i - 1]);
    if (distance <= step) return Mix(line[i - 1], line[i], distance / std::max(step, 1e-6F));
    distance -= step;
  }
  return line.back();
}

// One visit as one line, with the distance covered as a function of time.
struct Walk {
  explicit Walk(const Visit& visit) : legs(visit.legs) {
    for (const Leg& leg : legs) {
      const std::vector<Vec3> part = Rounded(leg.points);
      lengths.push_back(Extent(part));
      line.insert(line.end(), part.begin(), part.end());
    }
  }

  // Starting and stopping take time; going in and out of the picture does not.
  float DistanceAt(double t) const {
    float before = 0;
    for (std::size_t i = 0; i < legs.size(); ++i) {
      if (t < legs[i].seconds || i + 1 == legs.size()) {
        const float u = std::clamp(static_cast<float>(t / legs[i].seconds), 0.0F, 1.0F);
        const bool starts = i > 0;
        const bool stops = i + 1 < legs.size();
        float eased = u;
        if (starts && stops) {
          eased = Smooth(0, 1, u);
        } else if (starts) {
          eased = u < 0.2F ? u * u / 0.4F : u - 0.1F;
          eased /= 0.9F;
        } else if (stops) {
          const float v = 1 - u;
          eased = 1 - (v < 0.2F ? v * v / 0.4F : v - 0.1F) / 0.9F;
        }
        return before + lengths[i] * eased;
      }
      t -= legs[i].seconds;
      before += lengths[i];
    }
    return before;
  }

  Vec3 HeadingAt(double t) const {  // Raw: turns at once.
    double left = t;
    for (const Leg& leg : legs) {
      if (left < leg.seconds || &leg == &legs.back()) {
        if (leg.yaw) return Turned({0, 1, 0}, *leg.yaw);
        break;
      }
      left -= leg.seconds;
    }
    const float s = DistanceAt(t);
    const float whole = Extent(line);
    return Normalized(Along(line, std::min(s + 0.15F, whole)) -
                      Along(line, std::min(std::max(s - 0.15F, 0.0F), whole - 0.1F)));
  }

  float YawAt(double t) const {  // Turns within about half a second.
    Vec3 sum{};
    for (int k = -6; k <= 6; ++k) sum += HeadingAt(std::max(t + 0.05 * k, 0.0));
    return std::atan2(-sum.x, sum.y);
  }

  std::vector<Leg> legs;
  std::vector<float> lengths{};
  std::vector<Vec3> line{};
};

// Where a foot is: planted while the body passes over it, then carried one stride further.
Vec3 FootAt(const Walk& walk, double t, float side, float yaw) {
  constexpr float kStride = 1.35F;
  const float s = walk.DistanceAt(t);
  const float speed = (walk.DistanceAt(t + 0.05) - walk.DistanceAt(t - 0.05)) / 0.1F;
  const float walking = Smooth(0.05F, 0.7F, speed);
  const float phase = s / kStride + (side > 0 ? 0.5F : 0.0F);
  const float cycle = phase - std::floor(phase);
  const float planted = s + (0.30F - cycle) * kStride;  // Mid-stance of this cycle.
  const float swing = Smooth(0.58F, 1.0F, cycle);
  const float lift = cycle > 0.58F ? 0.11F * std::sin((cycle - 0.58F) / 0.42F * kPi) : 0.0F;
  const float ahead = planted + kStride * swing - s;  // Relative to the hips.
  const Vec3 hips = Along(walk.line, s);
  const Vec3 path = Along(walk.line, std::max(s + ahead, 0.0F)) - hips;
  const Vec3 across = Turned({side * 0.10F, 0, 0}, yaw);
  return hips + across + path * walking + Vec3{0, 0, 0.08F + lift * walking};
}

Vec3 GripOf(Thing thing) {
  switch (thing) {
    case Thing::kBag:
      return kBagGrip;
    case Thing::kExtinguisher:
      return kExtinguisherGrip;
    case Thing::kBox:
      return kCardboardBoxGrip;
  }
  return {};
}

// Where a thing is while its carrier stands at `ground` looking along `yaw`.
Placement Carried(Thing thing, Vec3 ground, float yaw) {
  switch (thing) {
    case Thing::kBag:
      return {ground + Turned({0.36F, 0.02F, 0.74F - kBagGrip.z}, yaw), yaw + kPi / 2};
    case Thing::kExtinguisher:
      return {ground + Turned({0.34F, 0.04F, 0.76F - kExtinguisherGrip.z}, yaw), yaw + kPi};
    case Thing::kBox:
      return {ground + Turned({0, 0.44F, 0.78F}, yaw), yaw + kPi};
  }
  return {};
}

Placement Between(const Placement& a, Placement b, float t) {
  while (b.yaw - a.yaw > kPi) b.yaw -= 2 * kPi;
  while (b.yaw - a.yaw < -kPi) b.yaw += 2 * kPi;
  if (b.yaw - a.yaw > kPi / 2) b.yaw -= kPi;  // Half a turn looks the same: bag and box.
  if (b.yaw - a.yaw < -kPi / 2) b.yaw += kPi;
  return {Mix(a.position, b.position, t), Mix(a.yaw, b.yaw, t)};
}

double SecondsAt(int frame) { return static_cast<double>(frame) / kFps; }

// Puts the cargo, the hands and the bend of the back into the frame.
void Handle(const Cargo& cargo, double t, Pose& pose, Actor& actor) {
  const Placement carried = Carried(cargo.thing, pose.ground, pose.yaw);
  Placement now = carried;
  float grip = 1;
  bool held = true;
  const auto eased = [&](double from, double to) {
    return Smooth(static_cast<float>(from), static_cast<float>(to), static_cast<float>(t));
  };
  if (cargo.from && t < cargo.take_at + kGrab) {
    now = Between(*cargo.from, carried, eased(cargo.take_at, cargo.take_at + kGrab));
    grip = eased(cargo.take_at - kGrab, cargo.take_at);
    held = t >= cargo.take_at;
  }
  if (cargo.to && t > cargo.put_at - kGrab) {
    now = Between(*cargo.to, carried, 1 - eased(cargo.put_at - kGrab, cargo.put_at));
    grip = 1 - eased(cargo.put_at, cargo.put_at + kGrab);
    held = t < cargo.put_at;
  }
  if (held) {
    actor.thing = cargo.thing;
    actor.placement = now;
  }
  const Vec3 at = GripOf(cargo.thing);
  pose.grip = grip;
  pose.right_hand = now.position + Turned(at, now.yaw);
  if (cargo.thing == Thing::kBox) {
    pose.left_hand = now.position + Turned({-at.x, at.y, at.z}, now.yaw);
    const Vec3 right = Turned({1, 0, 0}, pose.yaw);
    if (Dot(*pose.right_hand - *pose.left_hand, right) < 0)
      std::swap(pose.left_hand, pose.right_hand);
  }
  pose.crouch = grip * std::clamp((0.80F - pose.right_hand->z) / 0.58F, 0.0F, 1.0F);
}

}  // namespace

double Visit::seconds() const {
  double sum = 0;
  for (const Leg& leg : legs) sum += leg.seconds;
  return sum;
}

const std::vector<Visit>& Visits() {
  static const std::vector<Visit> visits = MakeVisits();
  return visits;
}

const std::vector<State>& States() {
  static const std::vector<State> states = [] {
    std::vector<State> list{{.bag = {}, .extinguisher = kExtinguisherPlace, .box = kBoxBefore}};
    for (const Visit& visit : Visits()) {
      State next = list.back();
      if (visit.cargo) {
        switch (visit.cargo->thing) {
          case Thing::kBag:
            next.bag = visit.cargo->to;
            break;
          case Thing::kExtinguisher:
            next.extinguisher = visit.cargo->to;
            break;
          case Thing::kBox:
            next.box = visit.cargo->to;
            break;
        }
      }
      list.push_back(next);
    }
    return list;
  }();
  return states;
}

State RestingAt(int frame) {
  const double t = SecondsAt(frame);
  State state = States().front();
  const auto set = [&](Thing thing, const std::optional<Placement>& place) {
    switch (thing) {
      case Thing::kBag:
        state.bag = place;
        break;
      case Thing::kExtinguisher:
        state.extinguisher = place;
        break;
      case Thing::kBox:
        state.box = place;
        break;
    }
  };
  for (const Visit& visit : Visits()) {
    if (!visit.cargo) continue;
    const Cargo& cargo = *visit.cargo;
    if (cargo.from && t - visit.start >= cargo.take_at) set(cargo.thing, std::nullopt);
    if (cargo.to && t - visit.start >= cargo.put_at) set(cargo.thing, cargo.to);
  }
  return state;
}

Lights LightsAt(int frame) {
  const auto t = static_cast<float>(SecondsAt(frame));
  Lights lights;
  lights.lamp = Smooth(static_cast<float>(kLampOn[0]), static_cast<float>(kLampOn[1]), t);
  lights.ceiling =
      1 - 0.36F * Smooth(static_cast<float>(kDimmed[0]), static_cast<float>(kDimmed[1]), t);
  lights.sun_drift = static_cast<float>(frame) / kFrames;
  return lights;
}

std::optional<Actor> ActorAt(int frame) {
  for (const Visit& visit : Visits()) {
    const double t = SecondsAt(frame) - visit.start;
    if (t < 0 || t > visit.seconds()) continue;
    const Walk walk(visit);
    Pose pose;
    pose.ground = Along(walk.line, walk.DistanceAt(t));
    pose.yaw = walk.YawAt(t);
    pose.left_foot = FootAt(walk, t, -1, pose.yaw);
    pose.right_foot = FootAt(walk, t, 1, pose.yaw);
    const Vec3 forward = Turned({0, 1, 0}, pose.yaw);
    pose.swing = std::clamp(Dot(pose.left_foot - pose.right_foot, forward) * 1.2F, -1.0F, 1.0F);
    Actor actor{.ground = pose.ground};
    if (visit.cargo) Handle(*visit.cargo, t, pose, actor);
    actor.person = Person(pose, visit.outfit);
    return actor;
  }
  return std::nullopt;
}

}  // namespace stillwatch::sample
