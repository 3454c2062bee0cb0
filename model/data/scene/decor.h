// Decor: what sceneries are built of.

#pragma once

#include <functional>
#include <string>

#include "model/data/scene/scenery.h"

namespace stillwatch::data {

float Uniform(Random& random, double low, double high);

// About as bright as between `low` and `high`, hardly coloured.
Vec Greyish(Random& random, double low, double high, double tint = 0.04);
Surface WallSurface(Random& random);
Surface FloorSurface(Random& random, bool rough);

// A box of the building, where things cannot be.
void AddSolid(Scenery& s, const Vec& low, const Vec& high, int surface);

// A board with a text on it.
void AddSign(Scenery& s, const Vec& low_left, const Vec& right, const Vec& up, Random& random);

// Puts about `count` things of a place where there is room.
void Clutter(const ModelStock& stock, Scenery& s, bool test, int support, int count, char place,
             Random& random, const std::function<bool(const Model&)>& fits = {});

Camera HighCamera(const Vec& from, const Vec& target, double tan_x, Random& random);

bool Goods(const Model& model);  // Boxes, crates, pallets.

// The families: each fills `s`.
void Room(const ModelStock& stock, Scenery& s, bool test, Random& random);
void Office(const ModelStock& stock, Scenery& s, bool test, Random& random);
void Shop(const ModelStock& stock, Scenery& s, bool test, Random& random);
void Warehouse(const ModelStock& stock, Scenery& s, bool test, Random& random);
void LoadingBay(const ModelStock& stock, Scenery& s, bool test, Random& random);
void CarPark(const ModelStock& stock, Scenery& s, bool test, Random& random);
void Street(const ModelStock& stock, Scenery& s, bool test, Random& random);

}  // namespace stillwatch::data
