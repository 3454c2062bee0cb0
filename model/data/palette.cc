#include "model/data/palette.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace stillwatch::data {
namespace {

// Below, pixels are too transparent to count.
constexpr int kOpaque = 150;

bool Neighbours(std::string_view a, std::string_view b) {
  // Light and shade move a pixel between these words.
  constexpr std::array<std::array<std::string_view, 2>, 7> kPairs{{{"black", "grey"},
                                                                   {"grey", "white"},
                                                                   {"red", "brown"},
                                                                   {"orange", "brown"},
                                                                   {"yellow", "orange"},
                                                                   {"pink", "red"},
                                                                   {"cyan", "blue"}}};
  return a == b || std::any_of(kPairs.begin(), kPairs.end(), [&](const auto& pair) {
           return (pair[0] == a && pair[1] == b) || (pair[0] == b && pair[1] == a);
         });
}

}  // namespace

const std::vector<NamedColor>& Palette() {
  static const std::vector<NamedColor> colors{
      {"black", {0.07F, 0.07F, 0.08F}},  {"white", {0.92F, 0.92F, 0.91F}},
      {"grey", {0.45F, 0.46F, 0.47F}},   {"red", {0.72F, 0.08F, 0.09F}},
      {"orange", {0.92F, 0.48F, 0.07F}}, {"yellow", {0.92F, 0.80F, 0.12F}},
      {"green", {0.12F, 0.48F, 0.17F}},  {"cyan", {0.16F, 0.65F, 0.68F}},
      {"blue", {0.10F, 0.24F, 0.66F}},   {"purple", {0.45F, 0.16F, 0.58F}},
      {"pink", {0.90F, 0.48F, 0.62F}},   {"brown", {0.42F, 0.26F, 0.13F}}};
  return colors;
}

const std::array<float, 3>& PaletteColor(std::string_view name) {
  const auto& colors = Palette();
  const auto found = std::find_if(colors.begin(), colors.end(),
                                  [&](const NamedColor& color) { return color.name == name; });
  return found == colors.end() ? colors[2].rgb : found->rgb;
}

std::string_view NameOf(int red, int green, int blue) {
  const int high = std::max({red, green, blue});
  const int low = std::min({red, green, blue});
  const int spread = high - low;
  // Grey where the spread is small, measured against the brightness; limits set by eye on
  // contact sheets of rendered sprites.
  if (spread < 22 || spread * 100 < high * 17) {
    return high < 62 ? "black" : high < 178 ? "grey" : "white";
  }
  if (high < 40) return "black";
  double hue = 0;
  if (high == red) {
    hue = 60.0 * (green - blue) / spread;
  } else if (high == green) {
    hue = 120 + 60.0 * (blue - red) / spread;
  } else {
    hue = 240 + 60.0 * (red - green) / spread;
  }
  if (hue < 0) hue += 360;
  const double saturation = static_cast<double>(spread) / high;
  if (hue < 14 || hue >= 343) return high > 190 && saturation < 0.5 ? "pink" : "red";
  if (hue < 45) return high < 165 || saturation < 0.55 ? "brown" : "orange";
  if (hue < 68) return high < 120 ? "brown" : "yellow";
  if (hue < 165) return "green";
  if (hue < 197) return "cyan";
  if (hue < 258) return "blue";
  if (hue < 300) return "purple";
  return high > 150 ? "pink" : "purple";
}

std::optional<std::string> ClearColor(const Image& rgba, double share) {
  const auto& colors = Palette();
  std::vector<std::size_t> count(colors.size());
  std::size_t all = 0;
  for (std::size_t i = 0; i + 3 < rgba.bytes.size(); i += 4) {
    if (rgba.bytes[i + 3] < kOpaque) continue;
    ++all;
    const std::string_view name = NameOf(rgba.bytes[i], rgba.bytes[i + 1], rgba.bytes[i + 2]);
    for (std::size_t k = 0; k < colors.size(); ++k) count[k] += colors[k].name == name;
  }
  if (all == 0) return std::nullopt;
  const auto best =
      static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin());
  if (static_cast<double>(count[best]) < share * static_cast<double>(all)) return std::nullopt;
  return colors[best].name;
}

void Recolor(Image& rgba, std::string_view from, const std::array<float, 3>& to) {
  const auto brightness = [](const std::uint8_t* p) {
    return 0.3 * p[0] + 0.59 * p[1] + 0.11 * p[2];
  };
  double sum = 0;
  std::size_t all = 0;
  const auto chosen = [&](const std::uint8_t* p) {
    return p[3] > 8 && Neighbours(NameOf(p[0], p[1], p[2]), from);
  };
  for (std::size_t i = 0; i + 3 < rgba.bytes.size(); i += 4) {
    if (!chosen(&rgba.bytes[i])) continue;
    sum += brightness(&rgba.bytes[i]);
    ++all;
  }
  if (all == 0) return;
  const double mean = std::max(sum / static_cast<double>(all), 8.0);
  for (std::size_t i = 0; i + 3 < rgba.bytes.size(); i += 4) {
    std::uint8_t* p = &rgba.bytes[i];
    if (!chosen(p)) continue;
    // A dark thing has hardly any shades: do not blow them up.
    const double shade = std::clamp(0.25 + 0.75 * brightness(p) / mean, 0.15, 1.7);
    for (std::size_t k = 0; k < 3; ++k) {
      p[k] = static_cast<std::uint8_t>(std::clamp(255.0 * to[k] * shade, 0.0, 255.0));
    }
  }
}

}  // namespace stillwatch::data
