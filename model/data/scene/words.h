// Words: what can be said of what was rendered, by looking at it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/data/scene/change.h"
#include "model/data/scene/conditions.h"

namespace stillwatch::data {

Region Union(const Region& a, const Region& b);
Region Clip(const Region& region);                 // To 0..1.
double Overlap(const Region& a, const Region& b);  // Area.

// The clear colour (of at least `share` of the pixels) of what an object map marks.
std::optional<std::string> SeenColor(const Image& picture, const std::vector<int>& object,
                                     const std::vector<int>& wanted, double share);

// Sets `truth.neighbour` to what stands nearest to `box`, in view and the same in both pictures;
// the number of its stand, -1: none.
int FindNeighbour(const Scenery& scenery, const Change& change, const Region& crop,
                  const Region& box, Truth& truth);

// All that is known, as a JSON object.
std::string TruthJson(const Scenery& scenery, const Change& change, const Conditions& conditions);

}  // namespace stillwatch::data
