#include "pipeline/core/status.h"

#include <gtest/gtest.h>

namespace stillwatch {
namespace {

Status Open(bool there) {
  if (!there) return NotFound("no such file");
  return {};
}

Result<int> Percent(int value) {
  if (value > 100) return InvalidArgument("above 100");
  return value;
}

TEST(StatusTest, OneMakerServesStatusAndResult) {
  EXPECT_TRUE(Open(true).ok());
  EXPECT_EQ(Open(false).code(), StatusCode::kNotFound);
  EXPECT_EQ(Percent(7).value(), 7);
  EXPECT_EQ(Percent(101).error().code(), StatusCode::kInvalidArgument);
}

TEST(StatusTest, ContextGoesInFrontAndTheCodeStays) {
  const Status status = Open(false).WithContext("clip.mp4");
  EXPECT_EQ(status.message(), "clip.mp4: no such file");
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(Open(true).WithContext("clip.mp4").message(), "");
}

TEST(StatusTest, AStatusPassesThroughAsFailure) {
  const auto outer = []() -> Result<int> {
    auto inner = Percent(300);
    if (!inner) return Failure(inner.error().WithContext("sensitivity"));
    return *inner;
  };
  EXPECT_EQ(outer().error().message(), "sensitivity: above 100");
}

}  // namespace
}  // namespace stillwatch
