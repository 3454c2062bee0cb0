#include "model/view/crop.h"

#include <limits>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(CropTest, IsASquareOfTwiceTheRegionAroundItsCentre) {
  // 128 x 72 pixels at (320, 180) of 640 x 360: side 256.
  const PixelRect crop = CropFor(640, 360, {{.x = 0.4, .y = 0.4, .w = 0.2, .h = 0.2}});
  EXPECT_EQ(crop, (PixelRect{.x = 192, .y = 52, .width = 256, .height = 256}));
}

TEST(CropTest, NeverLeavesThePicture) {
  const PixelRect corner = CropFor(640, 360, {{.x = 0.95, .y = 0.95, .w = 0.05, .h = 0.05}});
  EXPECT_EQ(corner, (PixelRect{.x = 532, .y = 252, .width = 108, .height = 108}));
  const PixelRect wide = CropFor(640, 360, {{.x = 0.1, .y = 0.3, .w = 0.5, .h = 0.5}});
  EXPECT_EQ(wide, (PixelRect{.x = 0, .y = 0, .width = 640, .height = 360}));
  EXPECT_EQ(CropFor(1, 1, {{.x = 0, .y = 0, .w = 1, .h = 1}}),
            (PixelRect{.x = 0, .y = 0, .width = 1, .height = 1}));
}

TEST(CropTest, WithoutAUsableRegionItIsTheWholePicture) {
  const PixelRect whole{.x = 0, .y = 0, .width = 640, .height = 360};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(CropFor(640, 360, {}), whole);
  EXPECT_EQ(CropFor(640, 360, {{.x = 2, .y = 2, .w = 1, .h = 1}}), whole);
  EXPECT_EQ(CropFor(640, 360, {{.x = nan, .y = nan, .w = nan, .h = nan}}), whole);
}

}  // namespace
}  // namespace stillwatch::model
