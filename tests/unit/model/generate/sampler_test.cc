#include "model/generate/sampler.h"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

const std::vector<float> kLogits = {std::log(0.5F), std::log(0.1F), std::log(0.3F), std::log(0.1F)};

std::array<double, 4> Frequencies(double temperature, double top_p) {
  constexpr int kDraws = 40000;
  std::array<double, 4> counts = {};
  Sampler sampler(temperature, top_p, 7);
  for (int i = 0; i < kDraws; ++i) {
    counts.at(static_cast<std::size_t>(sampler.Draw(kLogits).id)) += 1.0 / kDraws;
  }
  return counts;
}

// Six standard deviations of a frequency near a half in 40,000 draws.
constexpr double kTolerance = 6 * 0.5 / 200;

TEST(SamplerTest, TheLikeliestIsTheFirstOfEquals) {
  const Choice best = Likeliest(std::vector<float>{1, 3, 3, -2});
  EXPECT_EQ(best.id, 1);
  EXPECT_NEAR(best.log_probability,
              3 - std::log(std::exp(1.0) + 2 * std::exp(3.0) + std::exp(-2.0)), 1e-6);
  const auto some = Likeliest(std::vector<float>{1, 3, 3, -2}, 3);
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some[0].id, 1);
  EXPECT_EQ(some[1].id, 2);
  EXPECT_EQ(some[2].id, 0);
  EXPECT_EQ(Likeliest(std::vector<float>{1, 2}, 9).size(), 2U);
}

TEST(SamplerTest, LargeLogitsDoNotOverflow) {
  EXPECT_NEAR(LogSumExp(std::vector<float>{1e4F, 1e4F}), 1e4 + std::log(2.0), 1e-6);
  const float out = -std::numeric_limits<float>::infinity();
  EXPECT_NEAR(LogSumExp(std::vector<float>{out, 5, out}), 5, 1e-6);
}

TEST(SamplerTest, DrawsTokensAsOftenAsTheyAreLikely) {
  const auto counts = Frequencies(1, 1);
  EXPECT_NEAR(counts[0], 0.5, kTolerance);
  EXPECT_NEAR(counts[1], 0.1, kTolerance);
  EXPECT_NEAR(counts[2], 0.3, kTolerance);
  EXPECT_NEAR(counts[3], 0.1, kTolerance);
}

TEST(SamplerTest, TemperatureRaisesProbabilitiesToAPower) {
  const auto counts = Frequencies(0.5, 1);
  const double all = 0.25 + 0.01 + 0.09 + 0.01;
  EXPECT_NEAR(counts[0], 0.25 / all, kTolerance);
  EXPECT_NEAR(counts[2], 0.09 / all, kTolerance);
}

TEST(SamplerTest, TopPKeepsTheLikeliestThatTogetherReachIt) {
  const auto two = Frequencies(1, 0.8);
  EXPECT_NEAR(two[0], 0.5 / 0.8, kTolerance);
  EXPECT_NEAR(two[2], 0.3 / 0.8, kTolerance);
  EXPECT_EQ(two[1] + two[3], 0);
  // Of the two that are equally likely the first completes the nucleus.
  const auto three = Frequencies(1, 0.85);
  EXPECT_GT(three[1], 0);
  EXPECT_EQ(three[3], 0);
  const auto one = Frequencies(1, 1e-9);
  EXPECT_EQ(one[1] + one[2] + one[3], 0);
}

TEST(SamplerTest, TheSameSeedDrawsTheSameTokens) {
  Sampler a(1.3, 0.95, 11), b(1.3, 0.95, 11), c(1.3, 0.95, 12);
  bool differs = false;
  for (int i = 0; i < 200; ++i) {
    const int id = a.Draw(kLogits).id;
    EXPECT_EQ(id, b.Draw(kLogits).id);
    differs = differs || id != c.Draw(kLogits).id;
  }
  EXPECT_TRUE(differs);
}

TEST(SamplerTest, ReportsTheDecodersOwnProbability) {
  Sampler sampler(0.2, 0.5, 3);
  const Choice choice = sampler.Draw(kLogits);
  EXPECT_EQ(choice.id, 0);
  EXPECT_NEAR(choice.log_probability, std::log(0.5), 1e-6);
}

}  // namespace
}  // namespace stillwatch::model
