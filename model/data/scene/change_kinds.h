// The single kinds of change, for change.cc.

#pragma once

#include <functional>
#include <optional>

#include "model/data/scene/change.h"

namespace stillwatch::data {

// Of the picture's height: below, nothing can be told (a guess).
inline constexpr double kLeast = 0.055;

inline bool Solids(const Scenery& scenery) { return scenery.family == Family::kSolids; }
inline Stand& At(State& state, int index) { return state.stands[static_cast<std::size_t>(index)]; }

using Fitting = std::function<bool(const Model&)>;

// Something that was not there yet, in view.
std::optional<Stand> DrawNewcomer(const ModelStock& stock, const Scenery& scenery, bool test,
                                  Random& random, const Fitting& fits = {});

// A subject for a change of something that stays, by number; -1: none.  Mostly put there for it, so
// that subjects are as varied as newcomers.
int DrawSubject(const ModelStock& stock, Scenery& scenery, bool test, Random& random, double least,
                const Fitting& fits = {});

// What follows from the two states of stand `index`.
void Finish(const Scenery& scenery, int index, Change& change);

std::optional<Change> Recolor(const ModelStock& stock, Scenery& scenery, bool test, Random& random);
std::optional<Change> Resize(const ModelStock& stock, Scenery& scenery, bool test, Random& random);
std::optional<Change> Turn(const ModelStock& stock, Scenery& scenery, bool test, Random& random);
std::optional<Change> Pose(const ModelStock& stock, Scenery& scenery, bool test, Random& random);
std::optional<Change> Text(Scenery& scenery, Random& random);
std::optional<Change> Count(const ModelStock& stock, Scenery& scenery, bool test, Random& random);

}  // namespace stillwatch::data
