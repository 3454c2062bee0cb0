#include "pipeline/core/c_boundary.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace stillwatch {
namespace {

int Quiet(void*) noexcept { return 3; }
int Loud(void*) { throw std::runtime_error("loud"); }

static_assert(NoexceptFunction<decltype(&Quiet)>);
static_assert(!NoexceptFunction<decltype(&Loud)>);

struct CStruct {
  int (*slot)(void*) = nullptr;
};

TEST(CBoundaryTest, ASlotTakesANoexceptFunction) {
  CStruct c;
  SetCallback(c.slot, Quiet);
  EXPECT_EQ(c.slot(nullptr), 3);
  EXPECT_EQ(CCallback<Quiet>(nullptr), 3);
}

TEST(CBoundaryTest, WhatIsThrownIsReportedOnceAndTheFallbackReturned) {
  std::string said;
  const auto report = [&said](const char* what) noexcept { said += what; };
  EXPECT_EQ(CatchAtCBoundary(-1, report, [] { return Loud(nullptr); }), -1);
  EXPECT_EQ(said, "loud");
  EXPECT_EQ(CatchAtCBoundary(-1, report, [] { return 5; }), 5);
  EXPECT_EQ(said, "loud");
}

TEST(CBoundaryTest, AThrownIntIsCaughtToo) {
  std::string said;
  CatchAtCBoundary([&said](const char* what) noexcept { said = what; }, [] { throw 7; });
  EXPECT_FALSE(said.empty());
}

}  // namespace
}  // namespace stillwatch
