// Scenery: a place with things in it, as a surveillance camera would watch it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/data/random.h"
#include "model/data/scene/picture.h"
#include "model/data/scene/stage.h"

namespace stillwatch::data {

// Something that things can stand on.
struct Support {
  float x0 = 0, z0 = 0, x1 = 0, z1 = 0, y = 0;
  float headroom = 10;
  char place = 'r';      // Of "trsc", as in nouns.tsv.
  double weight = 1;     // How often something is put there.
  std::string ground{};  // "floor", "desk"; empty: do not say.
  bool walls = false;    // Furniture may stand with its back to its edges.
};

// One thing that stands somewhere.
struct Stand {
  const Model* model = nullptr;
  int support = 0;
  float x = 0, z = 0, yaw = 0, scale = 1;
  bool lying = false;
  bool there = true;
  std::string color{};  // A palette word its main part is painted with; empty: as it is.
  std::optional<Vec> tint{};
  std::optional<float> shine{};
  friend bool operator==(const Stand&, const Stand&) = default;
};

struct Door {
  Vec hinge{};
  float yaw = 0;  // Direction of the closed leaf.
  float width = 0.9F, height = 2.05F;
  Surface leaf{};
};

struct Sign {
  Vec low_left{}, right{}, up{};  // Edges of the board.
  std::string board{}, letters{};
  std::string noun = "sign";
};

// What can differ between the two pictures of a pair.
struct State {
  std::vector<Stand> stands{};
  std::vector<float> doors{};        // Angle of each, radians; 0: closed.
  std::vector<std::string> signs{};  // Text of each.
  friend bool operator==(const State&, const State&) = default;
};

enum class Family : std::uint8_t {
  kRoom,
  kOffice,
  kShop,
  kWarehouse,
  kLoadingBay,
  kCarPark,
  kStreet,
  kSolids,
};
inline constexpr int kFamilyCount = 8;
std::string_view Name(Family family);

// Object numbers in pictures: stands from 1, doors, signs and passers-by from these.
inline constexpr int kFirstDoor = 1000;
inline constexpr int kFirstSign = 2000;
inline constexpr int kFirstPasser = 3000;

struct Scenery {
  Family family = Family::kRoom;
  bool indoor = true;
  Shell shell{};
  std::vector<Bounds> solid{};  // What the building is made of, where things cannot be.
  std::vector<Support> supports{};
  std::vector<Door> doors{};
  std::vector<Sign> signs{};
  State state{};
  Camera camera{};
  Lighting lighting{};
  std::string place{};  // "room", "car park": of the whole.
};

// `test`: of held-out models and held-out looks.  nullopt: it did not work out, draw again.
std::optional<Scenery> DrawScenery(const ModelStock& stock, Family family, bool test,
                                   Random& random);
std::optional<Scenery> DrawSolids(const ModelStock& stock, bool test, Random& random);

Affine PoseOf(const Scenery& scenery, const Stand& stand);
Bounds BoundsOf(const Scenery& scenery, const Stand& stand);

// Whether it would touch nothing of `state` (but for stand `except`) nor leave its support.
bool Fits(const Scenery& scenery, const State& state, const Stand& stand, int except = -1);

// Somewhere on `support`; nullopt: no room.
std::optional<Stand> Put(const Scenery& scenery, const State& state, const Model& model,
                         int support, Random& random);

// A colour for what comes in any; and for one in three of the rest where paint is likely.
void PaintStand(Stand& stand, Random& random);
bool Paintable(const Model& model);

// The stage of a state, with passers-by.
[[nodiscard]] Result<Stage> Build(const ModelStock& stock, const Scenery& scenery,
                                  const State& state, const std::vector<Actor>& passers);

// Where something appears: the box of all its points.  nullopt: behind the camera.
std::optional<Region> Appears(const Camera& camera, const Model& model, const Affine& pose);

}  // namespace stillwatch::data
