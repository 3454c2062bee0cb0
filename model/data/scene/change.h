// DrawChange: what differs between the two states of a scenery, and what is true of it.

#pragma once

#include <optional>
#include <vector>

#include "model/data/scene/scenery.h"
#include "model/data/truth.h"

namespace stillwatch::data {

struct Change {
  State reference{};
  State current{};
  Truth truth{};
  std::vector<int> objects{};   // Numbers of what changed.
  std::vector<Region> boxes{};  // Where it appears: in the reference, then in the current picture.
  std::optional<Truth> also{};  // A second thing that came or went; its box is the last one.
  int also_object = 0;
  int stand = -1;  // Of the subject; -1: a door or a sign.
};

// nullopt: it did not work out (no room, too small, out of view); draw again.
std::optional<Change> DrawChange(const ModelStock& stock, Scenery& scenery, ChangeKind kind,
                                 bool test, Random& random);

// Lets another thing come or go.  False: no room in view; nothing was done.
bool AddAnother(const ModelStock& stock, Scenery& scenery, bool test, Random& random,
                Change& change);

// "large green metal cube": what can be said of a stand without looking.
Naming NamingOf(const Scenery& scenery, const Stand& stand);

// The support somebody would put something on, by weight; of a `place`.
int DrawSupport(const Scenery& scenery, Random& random);

// The box of a stand, cut to the picture; nullopt where less than 70 % of it is in view or it is
// smaller than `least` of the picture's height.
std::optional<Region> InView(const Scenery& scenery, const Stand& stand, double least);

}  // namespace stillwatch::data
