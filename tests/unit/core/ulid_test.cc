#include "pipeline/core/ulid.h"

#include <set>

#include <gtest/gtest.h>

namespace stillwatch {
namespace {

using namespace std::chrono_literals;

TEST(UlidTest, SameTimeAndIdentityGiveTheSameId) {
  const TimePoint time(1767254402120ms);
  EXPECT_EQ(UlidOf(time, "door|1"), UlidOf(time, "door|1"));
  EXPECT_NE(UlidOf(time, "door|1"), UlidOf(time, "door|2"));
  EXPECT_TRUE(IsUlid(UlidOf(time, "door|1")));
}

TEST(UlidTest, SortsByTime) {
  EXPECT_LT(UlidOf(TimePoint(1000ms), "z"), UlidOf(TimePoint(1001ms), "a"));
  EXPECT_EQ(UlidOf(TimePoint(-5ms), "a").substr(0, 10), "0000000000");
}

// The example of the ULID specification: 1469918176385 ms is 01ARYZ6S41.
TEST(UlidTest, TimePartIsThatOfTheSpecification) {
  EXPECT_EQ(UlidOf(TimePoint(1469918176385ms), "x").substr(0, 10), "01ARYZ6S41");
}

TEST(UlidTest, ManyIdentitiesAtOneMomentDoNotCollide) {
  std::set<std::string> ids;
  for (int i = 0; i < 100'000; ++i) ids.insert(UlidOf(TimePoint{}, "camera|" + std::to_string(i)));
  EXPECT_EQ(ids.size(), 100'000u);
}

TEST(UlidTest, RefusesOtherText) {
  EXPECT_FALSE(IsUlid(""));
  EXPECT_FALSE(IsUlid("81ARYZ6S410000000000000000"));  // Above 128 bits.
  EXPECT_FALSE(IsUlid("01ARYZ6S41000000000000000I"));  // I is not in the alphabet.
}

}  // namespace
}  // namespace stillwatch
