#include "model/generate/unchanged.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(UnchangedTest, EquallyLikelySentencesAreAnEvenGuess) {
  EXPECT_DOUBLE_EQ(UnchangedProbability(-1.5, -1.5, {}), 0.5);
  EXPECT_GT(UnchangedProbability(-0.5, -1.5, {}), 0.7);
  EXPECT_LT(UnchangedProbability(-3.5, -1.5, {}), 0.2);
  EXPECT_EQ(UnchangedProbability(-1e6, 0, {}), 0);
}

TEST(UnchangedTest, FindsTheCalibrationThatMadeTheLabels) {
  std::mt19937_64 random(3);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<std::pair<double, bool>> labelled;
  for (int i = 0; i < 20000; ++i) {
    const double x = 6 * uniform() - 4;
    labelled.emplace_back(x, uniform() < 1 / (1 + std::exp(-(1.7 * x + 0.8))));
  }
  const auto fitted = FitUnchanged(labelled);
  // Four times the standard error at 20,000 labels.
  EXPECT_NEAR(fitted.slope, 1.7, 0.12);
  EXPECT_NEAR(fitted.offset, 0.8, 0.12);
}

TEST(UnchangedTest, PerfectlySeparableLabelsKeepAFiniteSlope) {
  const std::vector<std::pair<double, bool>> labelled = {
      {-2, false}, {-1, false}, {1, true}, {2, true}};
  const auto fitted = FitUnchanged(labelled);
  EXPECT_TRUE(std::isfinite(fitted.slope));
  EXPECT_GT(fitted.slope, 0.1);
  EXPECT_LT(fitted.slope, 10);
}

TEST(UnchangedTest, OneLabelAloneFitsNothing) {
  const std::vector<std::pair<double, bool>> labelled = {{-2, true}, {-1, true}};
  EXPECT_EQ(FitUnchanged(labelled).slope, UnchangedCalibration{}.slope);
}

}  // namespace
}  // namespace stillwatch::model
