#include "model/data/palette.h"

#include <cmath>

#include <gtest/gtest.h>

namespace stillwatch::data {
namespace {

Image Plain(const std::array<float, 3>& rgb) {
  Image image = MakeImage(8, 8, 4);
  for (std::size_t i = 0; i < image.bytes.size(); i += 4) {
    for (std::size_t k = 0; k < 3; ++k) {
      image.bytes[i + k] = static_cast<std::uint8_t>(std::lround(rgb[k] * 255));
    }
    image.bytes[i + 3] = 255;
  }
  return image;
}

TEST(PaletteTest, EveryColorOfThePaletteGetsItsOwnName) {
  for (const NamedColor& color : Palette()) {
    EXPECT_EQ(ClearColor(Plain(color.rgb)), color.name);
  }
}

TEST(PaletteTest, HalfAndHalfIsNoClearColor) {
  Image image = Plain(PaletteColor("red"));
  const Image blue = Plain(PaletteColor("blue"));
  std::copy(blue.bytes.begin(), blue.bytes.begin() + 128, image.bytes.begin());
  EXPECT_EQ(ClearColor(image), std::nullopt);
}

TEST(PaletteTest, TransparentPixelsDoNotCount) {
  Image image = Plain(PaletteColor("red"));
  for (std::size_t i = 0; i < 48 * 4; i += 4) {
    image.bytes[i] = 0;
    image.bytes[i + 3] = 0;
  }
  EXPECT_EQ(ClearColor(image), "red");
  EXPECT_EQ(ClearColor(MakeImage(4, 4, 4)), std::nullopt);
}

TEST(PaletteTest, PaintingGivesTheNewColorAndKeepsTheRest) {
  for (const char* to : {"green", "yellow", "blue", "white", "purple"}) {
    Image image = Plain(PaletteColor("red"));
    image.bytes[3] = 0;
    const std::uint8_t kept = image.bytes[0];
    Recolor(image, "red", PaletteColor(to));
    EXPECT_EQ(ClearColor(image), to);
    EXPECT_EQ(image.bytes[0], kept) << "a transparent pixel was painted";
  }
}

}  // namespace
}  // namespace stillwatch::data
