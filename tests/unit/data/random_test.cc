#include "model/data/random.h"

#include <set>

#include <gtest/gtest.h>

namespace stillwatch::data {
namespace {

TEST(RandomTest, GivesTheSameNumbersOnEveryMachine) {
  Random random(1);
  // SplitMix64's published first output for state 1.
  EXPECT_EQ(random.Bits(), 0x910A2DEC89025CC1ULL);
}

TEST(RandomTest, StreamsOfNeighbouringIndicesDiffer) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (std::uint64_t i = 0; i < 200; ++i) first.insert(Random::For(seed, i).Bits());
  }
  EXPECT_EQ(first.size(), 1000U);
}

TEST(RandomTest, StaysWithinItsLimits) {
  Random random(7);
  std::set<int> seen;
  for (int i = 0; i < 500; ++i) {
    const int value = random.Int(-2, 3);
    seen.insert(value);
    const double unit = random.Unit();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
  }
  EXPECT_EQ(seen, (std::set<int>{-2, -1, 0, 1, 2, 3}));
}

TEST(RandomTest, DrawsByWeight) {
  Random random(3);
  int second = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t drawn = random.Weighted({1, 3, 0});
    ASSERT_LT(drawn, 2U);
    second += drawn == 1;
  }
  EXPECT_NEAR(second, 1500, 100);
}

}  // namespace
}  // namespace stillwatch::data
