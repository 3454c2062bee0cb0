#include <vector>

#include <gtest/gtest.h>

#include "plugins/framesampler/frame_sampler.h"

namespace stillwatch::gst {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Which of `frames` frames, `apart` from each other, pass.
std::vector<int> Kept(milliseconds interval, nanoseconds apart, int frames) {
  FrameSampler sampler = FrameSampler::Create({.interval = interval}).value();
  std::vector<int> kept;
  for (int i = 0; i < frames; ++i) {
    if (sampler.Keep(apart * i)) kept.push_back(i);
  }
  return kept;
}

TEST(FrameSamplerTest, KeepsToAGridThatRoundedTimesDoNotShift) {
  EXPECT_EQ(Kept(milliseconds(2000), nanoseconds(33'333'333), 200),
            (std::vector<int>{0, 60, 120, 180}));
  EXPECT_EQ(Kept(milliseconds(200), milliseconds(40), 16), (std::vector<int>{0, 5, 10, 15}));
}

TEST(FrameSamplerTest, ALateFrameDoesNotPushTheNextOnesBack) {
  // 25 frames a second into 2: half an interval is 12.5 frames, so 12 and 13 alternate.
  EXPECT_EQ(Kept(milliseconds(500), milliseconds(40), 60), (std::vector<int>{0, 13, 25, 38, 50}));
}

TEST(FrameSamplerTest, KeepsEveryFrameThatComesMoreSlowlyThanTheInterval) {
  EXPECT_EQ(Kept(milliseconds(2000), std::chrono::minutes(5), 3), (std::vector<int>{0, 1, 2}));
}

TEST(FrameSamplerTest, StartsANewGridAfterAHole) {
  FrameSampler sampler = FrameSampler::Create({.interval = milliseconds(1000)}).value();
  EXPECT_TRUE(sampler.Keep(milliseconds(0)));
  EXPECT_TRUE(sampler.Keep(milliseconds(9700)));
  EXPECT_FALSE(sampler.Keep(milliseconds(10000)));
  EXPECT_TRUE(sampler.Keep(milliseconds(10700)));
}

TEST(FrameSamplerTest, StartsAnewWhenTimeGoesBackAndWhenReset) {
  FrameSampler sampler = FrameSampler::Create({.interval = milliseconds(1000)}).value();
  EXPECT_TRUE(sampler.Keep(milliseconds(60'000)));
  EXPECT_FALSE(sampler.Keep(milliseconds(60'040)));
  EXPECT_TRUE(sampler.Keep(milliseconds(0)));
  EXPECT_FALSE(sampler.Keep(milliseconds(40)));
  sampler.Reset();
  EXPECT_TRUE(sampler.Keep(milliseconds(80)));
}

TEST(FrameSamplerTest, RefusesIntervalsThatCannotWork) {
  for (const milliseconds interval :
       {milliseconds(0), milliseconds(-1), milliseconds(86'400'001)}) {
    const auto sampler = FrameSampler::Create({.interval = interval});
    ASSERT_FALSE(sampler);
    EXPECT_EQ(sampler.error().code(), StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace stillwatch::gst
