// Timeline: what happens when.  The clip and its truth file are both made from it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "samples/maker/person.h"
#include "samples/maker/vec.h"

namespace stillwatch::sample {

inline constexpr int kFps = 15;
inline constexpr int kFrames = 1100;  // 73 s.

enum class Thing { kBag, kExtinguisher, kBox };

struct Placement {
  Vec3 position{};
  float yaw = 0;
};

// The things that change, as they stand between two visits; nullopt: not in the bay.
struct State {
  std::optional<Placement> bag{};
  std::optional<Placement> extinguisher{};
  std::optional<Placement> box{};
};

struct Leg {  // A walk through the points, or (one point) a stop.
  std::vector<Vec3> points{};
  double seconds = 0;
  std::optional<float> yaw{};  // Where the person looks; default: ahead.
};

struct Cargo {
  Thing thing{};
  std::optional<Placement> from{};  // Taken up here; nullopt: carried in.
  std::optional<Placement> to{};    // Put down here; nullopt: carried out.
  double take_at = 0;               // Seconds into the visit, the middle of the movement.
  double put_at = 0;
};

struct Visit {
  double start = 0;  // Seconds.
  std::string who{};
  Outfit outfit{};
  std::vector<Leg> legs{};
  std::optional<Cargo> cargo{};

  double seconds() const;
};

struct Lights {
  float ceiling = 1;
  float lamp = 0;
  float sun_drift = 0;  // 0..1 over the clip.
};

// What moves in a frame besides the light.
struct Actor {
  Model person{};
  Vec3 ground{};
  std::optional<Thing> thing{};  // In the person's hands, at:
  Placement placement{};
};

const std::vector<Visit>& Visits();
// State 0 is before every visit, state i after visit i - 1.
const std::vector<State>& States();
// The state that the resting things of a frame are in: a thing in hand is in none.
State RestingAt(int frame);
Lights LightsAt(int frame);
std::optional<Actor> ActorAt(int frame);

// The seconds between which the lamp comes on and the ceiling lights go down.
inline constexpr double kLampOn[] = {13.9, 14.5};
inline constexpr double kDimmed[] = {69.0, 70.5};

}  // namespace stillwatch::sample
