#include "model/preprocess/resize.h"

#include <algorithm>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

RgbImage Ramp(int width, int height) {
  RgbImage image{.width = width, .height = height};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.rgb.push_back(static_cast<std::uint8_t>((x * 37 + y * 11 + c * 83) % 256));
      }
    }
  }
  return image;
}

// What Pillow 13.0.0 gives for Ramp(5, 4) (Image.resize, BICUBIC), made with it.
TEST(ResizeTest, EqualsPillowWhenShrinking) {
  const RgbImage small = ResizeBicubic(Ramp(5, 4), 3, 2);
  const std::vector<std::uint8_t> wanted = {19, 102, 193, 80,  163, 180, 141, 230, 43,
                                            40, 123, 214, 101, 188, 77,  162, 176, 64};
  EXPECT_EQ(small.rgb, wanted);
}

TEST(ResizeTest, EqualsPillowWhenEnlarging) {
  const RgbImage large = ResizeBicubic(Ramp(2, 3), 3, 4);
  const std::vector<std::uint8_t> wanted = {0,  80,  163, 18, 101, 184, 38, 121, 204, 5,  87,  170,
                                            25, 108, 191, 45, 128, 211, 14, 97,  180, 35, 118, 201,
                                            55, 138, 221, 21, 104, 187, 42, 125, 208, 62, 145, 228};
  EXPECT_EQ(large.rgb, wanted);
}

TEST(ResizeTest, KeepsWhatHasTheSizeAlready) {
  const RgbImage image = Ramp(7, 5);
  EXPECT_EQ(ResizeBicubic(image, 7, 5).rgb, image.rgb);
}

TEST(ResizeTest, APlainPictureStaysPlain) {
  RgbImage plain{.rgb = std::vector<std::uint8_t>(640 * 3 * 3, 200), .width = 640, .height = 3};
  const RgbImage resized = ResizeBicubic(plain, 11, 384);
  EXPECT_EQ(resized.rgb.size(), 11u * 384 * 3);
  EXPECT_TRUE(std::all_of(resized.rgb.begin(), resized.rgb.end(), [](int v) { return v == 200; }));
}

TEST(PadToSquareTest, PutsThePictureInTheMiddleOfGrey) {
  RgbImage wide{.rgb = std::vector<std::uint8_t>(4 * 1 * 3, 9), .width = 4, .height = 1};
  const RgbImage square = PadToSquare(wide);
  ASSERT_EQ(square.width, 4);
  ASSERT_EQ(square.height, 4);
  // (4 - 1) / 2 = 1 row above, the odd one below.
  for (int y = 0; y < 4; ++y)
    EXPECT_EQ(square.rgb[static_cast<std::size_t>(y) * 12], y == 1 ? 9 : 127);
  RgbImage tall{.rgb = std::vector<std::uint8_t>(1 * 4 * 3, 9), .width = 1, .height = 4};
  const RgbImage beside = PadToSquare(tall);
  for (int x = 0; x < 4; ++x)
    EXPECT_EQ(beside.rgb[static_cast<std::size_t>(x) * 3], x == 1 ? 9 : 127);
}

TEST(CheckPictureTest, NamesThePictureThatDoesNotFitItsSize) {
  const RgbImage image = Ramp(3, 2);
  EXPECT_TRUE(CheckPicture(image, "reference").ok());
  const Status status = CheckPicture(RgbView(image.rgb, 3, 3), "reference");
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("reference"), std::string::npos);
  EXPECT_FALSE(CheckPicture(RgbView({}, 0, 0), "current").ok());
  EXPECT_FALSE(CheckPicture(RgbView({}, 1 << 20, 1), "current").ok());
}

}  // namespace
}  // namespace stillwatch::model
