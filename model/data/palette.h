// Palette: the colour words of the captions, and which one a picture deserves.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/data/image.h"

namespace stillwatch::data {

struct NamedColor {
  std::string name{};
  std::array<float, 3> rgb{};  // sRGB, 0..1: a clear case of the word.
};

// black, white, grey, red, orange, yellow, green, cyan, blue, purple, pink, brown.
const std::vector<NamedColor>& Palette();

// REQUIRES: a name of the palette.
const std::array<float, 3>& PaletteColor(std::string_view name);

// The word for one pixel; every pixel gets one.
std::string_view NameOf(int red, int green, int blue);

// The word that most of an RGBA picture's opaque pixels share (at least `share` of them, 0..1);
// nothing where no word is clear.
std::optional<std::string> ClearColor(const Image& rgba, double share = 0.55);

// Turns the pixels of the picture's clear colour into `to`, keeping their light and shade.
void Recolor(Image& rgba, std::string_view from, const std::array<float, 3>& to);

}  // namespace stillwatch::data
