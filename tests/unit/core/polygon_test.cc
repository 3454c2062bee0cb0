#include "pipeline/core/polygon.h"

#include <gtest/gtest.h>

namespace stillwatch {
namespace {

const Polygon kSquare = {{0.2, 0.2}, {0.6, 0.2}, {0.6, 0.6}, {0.2, 0.6}};
// A U: the notch at the top middle is outside.
const Polygon kNotched = {{0, 0},   {0.3, 0}, {0.3, 0.7}, {0.7, 0.7},
                          {0.7, 0}, {1, 0},   {1, 1},     {0, 1}};

TEST(PolygonTest, KnowsInsideFromOutside) {
  EXPECT_TRUE(Contains(kSquare, {0.4, 0.4}));
  EXPECT_FALSE(Contains(kSquare, {0.1, 0.4}));
  EXPECT_TRUE(Contains(kNotched, {0.1, 0.5}));
  EXPECT_FALSE(Contains(kNotched, {0.5, 0.5}));
  EXPECT_TRUE(Contains(kNotched, {0.5, 0.9}));
  EXPECT_FALSE(Contains({}, {0.5, 0.5}));
}

TEST(PolygonTest, CoverageIsTheCoveredPartOfTheRegion) {
  EXPECT_DOUBLE_EQ(Coverage(kSquare, {.x = 0.3, .y = 0.3, .w = 0.1, .h = 0.1}), 1.0);
  EXPECT_DOUBLE_EQ(Coverage(kSquare, {.x = 0.4, .y = 0.3, .w = 0.4, .h = 0.1}), 0.5);
  EXPECT_DOUBLE_EQ(Coverage(kSquare, {.x = 0.7, .y = 0.7, .w = 0.1, .h = 0.1}), 0.0);
}

}  // namespace
}  // namespace stillwatch
