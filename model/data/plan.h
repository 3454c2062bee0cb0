// Plan: what stands where in the two pictures of a pair, and what is true of them.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/data/backgrounds.h"
#include "model/data/paste.h"
#include "model/data/random.h"
#include "model/data/truth.h"

namespace stillwatch::data {

// The things that may be drawn, sorted by place; borrowed from the bank.
//
// Immutable: any number of threads may draw.
class Pool {
 public:
  Pool(const std::vector<Thing>& things, bool test);

  // By weight; nullptr where none stands in such a place.
  const Thing* Draw(char place, Random& random) const;
  const Thing* DrawPlant(Random& random) const;
  const Thing* DrawPerson(Random& random) const;

 private:
  struct Shelf {
    std::vector<const Thing*> things{};
    std::vector<double> weights{};
  };
  const Shelf& ShelfOf(char place) const;
  static const Thing* DrawFrom(const Shelf& shelf, Random& random);
  std::vector<std::pair<char, Shelf>> shelves_;
  Shelf plants_;
  Shelf people_;
};

struct Plan {
  Background background{};
  std::vector<Item> reference{};  // In any order: Compose pastes from far to near.
  std::vector<Item> current{};
  Truth truth{};
  std::optional<Box> focus{};        // Around the change, or what looks like one.
  std::optional<Box> subject_box{};  // Of one thing, where one is meant: how large "visible" is.
  Box neighbour_box{};               // Of truth.neighbour.
  std::vector<Box> neighbours{};     // Static things: a detector may merge them in.
  const Item* subject() const { return has_subject ? &subject_item : nullptr; }
  Item subject_item{};
  bool has_subject = false;
  bool sway = false;                          // The thing at `focus` is a plant in the wind.
  std::vector<std::shared_ptr<Thing>> own{};  // Things made for this pair (signs).
};

// What a pair should be.
struct Wish {
  std::optional<ChangeKind> kind{};  // Nothing: unchanged.
  Cause cause = Cause::kNothing;
  bool colorless = false;  // Infrared or night: no colour can be told.
  bool test = false;
};

// nullopt: it did not work out this time (no room, no fitting thing); draw again.
std::optional<Plan> DrawPlan(const Pool& pool, const Backgrounds& backgrounds, const Wish& wish,
                             Random& random);

}  // namespace stillwatch::data
