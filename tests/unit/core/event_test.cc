#include "pipeline/core/event.h"

#include <gtest/gtest.h>

namespace stillwatch {
namespace {

TEST(EventTest, EveryKindHasANameThatReadsBack) {
  for (int i = 0; i < kChangeKindCount; ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    EXPECT_EQ(ParseChangeKind(Name(kind)), kind) << i;
  }
  EXPECT_EQ(ParseChangeKind("vanished"), std::nullopt);
  EXPECT_EQ(ParseChangeKind(""), std::nullopt);
}

// The words are a contract with stored rows and with receivers: product.md lists them.
TEST(EventTest, WordsAreThoseOfTheContract) {
  EXPECT_EQ(Name(ChangeKind::kRecolored), "recolored");
  EXPECT_EQ(Name(EventState::kAccepted), "accepted");
  EXPECT_EQ(Name(EventType::kChangeResolved), "change.resolved");
  EXPECT_EQ(Name(CaptionStatus::kPending), "pending");
  EXPECT_EQ(Name(Severity::kHigh), "high");
  EXPECT_EQ(Name(SuppressionReason::kModelSaysSame), "model_says_same");
}

TEST(EventTest, IouOfEqualDisjointAndHalfCoveredRegions) {
  const Region a{.x = 0.2, .y = 0.2, .w = 0.2, .h = 0.2};
  EXPECT_DOUBLE_EQ(Iou(a, a), 1.0);
  EXPECT_DOUBLE_EQ(Iou(a, {.x = 0.5, .y = 0.5, .w = 0.1, .h = 0.1}), 0.0);
  EXPECT_NEAR(Iou(a, {.x = 0.2, .y = 0.2, .w = 0.2, .h = 0.1}), 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(Iou({}, {}), 0.0);
}

TEST(EventTest, BoundingBoxHoldsAllRegions) {
  const Region box = BoundingBox({{0.1, 0.5, 0.1, 0.1}, {0.4, 0.2, 0.2, 0.1}});
  EXPECT_NEAR(box.x, 0.1, 1e-12);
  EXPECT_NEAR(box.y, 0.2, 1e-12);
  EXPECT_NEAR(box.w, 0.5, 1e-12);
  EXPECT_NEAR(box.h, 0.4, 1e-12);
  EXPECT_EQ(BoundingBox({}), Region{});
}

}  // namespace
}  // namespace stillwatch
