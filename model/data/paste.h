// Paste: puts one thing into a picture, with its shadow and in the picture's light.

#pragma once

#include <array>
#include <optional>
#include <string>

#include "model/data/thing.h"

namespace stillwatch::data {

// A thing in a scene.  Borrowed: thing and view belong to the bank.
struct Item {
  const Thing* thing = nullptr;
  const ThingView* view = nullptr;
  double x = 0;  // Where it stands, pixels of the picture.
  double y = 0;
  double px_per_m = 0;  // Size there.
  bool mirrored = false;
  std::string tint{};  // A colour word: painted so; empty: as it is.
};

// Pixels, half open; may reach outside the picture.
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  double width() const { return x1 - x0; }
  double height() const { return y1 - y0; }
  friend bool operator==(const Box&, const Box&) = default;
};

// Around all that can be seen of it.
Box BoxOf(const Item& item);
Box Union(const Box& a, const Box& b);
double Intersection(const Box& a, const Box& b);  // Area.

struct Look {
  double shadow = 0.6;                  // 0 = none, 1 = as dark as the lamp makes it.
  double follow = 0.6;                  // How much its light follows the picture around it, 0..1.
  double soften_px = 0;                 // Blur, to match a soft picture.
  std::array<double, 3> cast{1, 1, 1};  // Colour of the light.
};

// REQUIRES: an RGB picture.  Parts outside are cut off.
void Paste(const Item& item, const Look& look, Image& picture);

// The same light for both pictures of a pair: brightness around the item, 0..255.
double BrightnessAround(const Item& item, const Image& picture);
void PasteLit(const Item& item, const Look& look, double brightness, Image& picture);

// The colour word that fits the item as it is pasted; nothing where none is clear or where
// `brightness` is too low to tell.
std::optional<std::string> ColorOf(const Item& item, double brightness);

}  // namespace stillwatch::data
