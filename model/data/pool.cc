#include "model/data/plan.h"

namespace stillwatch::data {

Pool::Pool(const std::vector<Thing>& things, bool test) {
  for (const char place : std::string("trsck")) shelves_.emplace_back(place, Shelf{});
  const auto put = [](Shelf& shelf, const Thing& thing, double weight) {
    shelf.things.push_back(&thing);
    shelf.weights.push_back(weight);
  };
  for (const Thing& thing : things) {
    if (thing.test != test) continue;
    if (thing.person) {
      put(people_, thing, 1);
      continue;
    }
    if (thing.plant) put(plants_, thing, 1);
    if (thing.weight <= 0) continue;
    for (auto& [place, shelf] : shelves_) {
      if (thing.places.find(place) != std::string::npos) put(shelf, thing, thing.weight);
    }
  }
}

const Pool::Shelf& Pool::ShelfOf(char place) const {
  for (const auto& [name, shelf] : shelves_) {
    if (name == place) return shelf;
  }
  return shelves_.front().second;
}

const Thing* Pool::DrawFrom(const Shelf& shelf, Random& random) {
  return shelf.things.empty() ? nullptr : shelf.things[random.Weighted(shelf.weights)];
}

const Thing* Pool::Draw(char place, Random& random) const {
  return DrawFrom(ShelfOf(place), random);
}
const Thing* Pool::DrawPlant(Random& random) const { return DrawFrom(plants_, random); }
const Thing* Pool::DrawPerson(Random& random) const { return DrawFrom(people_, random); }

}  // namespace stillwatch::data
