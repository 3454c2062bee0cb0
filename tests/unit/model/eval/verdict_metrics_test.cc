#include "model/eval/verdict_metrics.h"

#include <vector>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(VerdictMetricsTest, AreaUnderCurveCountsOrderedPairsAndHalfOfTies) {
  const std::vector<float> scores = {0.1F, 0.4F, 0.4F, 0.8F};
  EXPECT_DOUBLE_EQ(AreaUnderCurve(scores, {false, false, true, true}), 3.5 / 4);
  EXPECT_DOUBLE_EQ(AreaUnderCurve(scores, {false, true, false, true}), 3.5 / 4);
  EXPECT_DOUBLE_EQ(AreaUnderCurve(scores, {true, true, true, true}), 0.5);
}

TEST(VerdictMetricsTest, RecallIsTakenWhereNoMoreFalseAlarmsAreAllowed) {
  // Ten unchanged pairs 0..9, four changed ones.
  std::vector<float> scores = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.5F, 8.5F, 7.5F, 3.5F};
  std::vector<bool> changed(14, false);
  for (std::size_t i = 10; i < 14; ++i) changed[i] = true;
  EXPECT_DOUBLE_EQ(RecallAtFalseAlarms(scores, changed, 0), 0.25);
  EXPECT_DOUBLE_EQ(RecallAtFalseAlarms(scores, changed, 0.1), 0.5);
  EXPECT_DOUBLE_EQ(RecallAtFalseAlarms(scores, changed, 0.19), 0.5);
  EXPECT_DOUBLE_EQ(RecallAtFalseAlarms(scores, changed, 0.2), 0.75);
  EXPECT_DOUBLE_EQ(RecallAtFalseAlarms(scores, changed, 1), 1);
  EXPECT_EQ(RecallAtFalseAlarms({}, {}, 0.1), 0);
}

TEST(VerdictMetricsTest, ATieWithAnUnchangedPairIsNoFind) {
  const std::vector<float> scores = {0.5F, 0.5F};
  EXPECT_EQ(RecallAtFalseAlarms(scores, {true, false}, 0), 0);
}

TEST(VerdictMetricsTest, CalibrationErrorIsTheGapBetweenSaidAndSeen) {
  const std::vector<double> said(5, 0.8);
  EXPECT_NEAR(CalibrationError(said, {true, true, true, true, false}), 0, 1e-12);
  EXPECT_NEAR(CalibrationError(said, {false, false, false, false, false}), 0.8, 1e-12);
  EXPECT_EQ(CalibrationError({}, {}), 0);
}

TEST(VerdictMetricsTest, TheTopOfTheScaleFallsIntoTheLastBin) {
  const std::vector<double> said = {0, 0.05, 0.95, 1};
  const Reliability bins = MeasureReliability(said, {false, false, true, true});
  EXPECT_EQ(bins.front().count, 2);
  EXPECT_EQ(bins.back().count, 2);
  EXPECT_DOUBLE_EQ(bins.back().said, 0.975);
  EXPECT_DOUBLE_EQ(bins.back().seen, 1);
}

}  // namespace
}  // namespace stillwatch::model
