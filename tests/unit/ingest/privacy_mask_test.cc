#include "pipeline/ingest/privacy_mask.h"

#include <cstddef>

#include <gtest/gtest.h>

namespace stillwatch::ingest {
namespace {

// True if every pixel whose square the mask touches is black: no sliver of it may show.
bool CoversAllItTouches(const Polygon& mask, int width, int height) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width * height * 3), 200);
  BurnIn({mask}, rgb, width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Region pixel{
          .x = 1.0 * x / width, .y = 1.0 * y / height, .w = 1.0 / width, .h = 1.0 / height};
      if (Coverage(mask, pixel) > 0 && rgb[static_cast<std::size_t>((y * width + x) * 3)] != 0) {
        return false;
      }
    }
  }
  return true;
}

TEST(PrivacyMaskTest, CoversEveryPixelThatItTouches) {
  EXPECT_TRUE(CoversAllItTouches({{0.2, 0.2}, {0.8, 0.2}, {0.8, 0.8}, {0.2, 0.8}}, 33, 21));
  EXPECT_TRUE(CoversAllItTouches({{0.1, 0.05}, {0.93, 0.41}, {0.37, 0.99}}, 64, 48));
  EXPECT_TRUE(CoversAllItTouches({{0, 0}, {1, 0}, {1, 1}, {0, 1}}, 40, 30));
}

TEST(PrivacyMaskTest, LeavesTheRestAlone) {
  std::vector<std::uint8_t> rgb(100 * 100 * 3, 200);
  BurnIn({{{0.25, 0.25}, {0.75, 0.25}, {0.75, 0.75}, {0.25, 0.75}}}, rgb, 100, 100);
  std::size_t black = 0;
  for (const std::uint8_t value : rgb) black += value == 0 ? 1 : 0;
  EXPECT_GE(black, 50u * 50u * 3u);
  EXPECT_LE(black, 56u * 56u * 3u);
}

}  // namespace
}  // namespace stillwatch::ingest
