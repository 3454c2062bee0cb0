#include "model/train/metrics.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "model/train/random.h"

namespace stillwatch::model {
namespace {

TEST(MetricsTest, FindsTheTemperatureThatLogitsWereScaledBy) {
  std::vector<float> logits;
  std::vector<bool> positive;
  std::vector<float> rows;
  std::vector<int> truth;
  CounterRandom random(7, 0, 0);
  for (int i = 0; i < 20000; ++i) {
    const double honest = 2 * random.Normal();
    positive.push_back(random.Uniform() < 1 / (1 + std::exp(-honest)));
    logits.push_back(static_cast<float>(3 * honest));
    // Two classes: the second's logit is what a binary logit would be.
    rows.push_back(0);
    rows.push_back(logits.back());
    truth.push_back(positive.back() ? 1 : 0);
  }
  EXPECT_NEAR(FitBinaryTemperature(logits, positive), 3, 0.15);
  EXPECT_NEAR(FitClassTemperature(rows, 2, truth), 3, 0.15);
  EXPECT_EQ(FitBinaryTemperature({}, {}), 1);
}

TEST(MetricsTest, WordF1IgnoresCaseAndPunctuation) {
  EXPECT_DOUBLE_EQ(WordF1("A red bag.", "a red bag"), 1);
  EXPECT_DOUBLE_EQ(WordF1("a a b", "a c"), 2.0 * 1 / 5);
  EXPECT_DOUBLE_EQ(WordF1("", ""), 1);
  EXPECT_DOUBLE_EQ(WordF1("x", ""), 0);
}

TEST(CounterRandomTest, DependsOnSeedPurposeAndPositionAlone) {
  CounterRandom a(1, 2, 3);
  CounterRandom b(1, 2, 3);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(CounterRandom(1, 2, 4).Next(), CounterRandom(1, 2, 3).Next());
  EXPECT_NE(CounterRandom(1, 3, 3).Next(), CounterRandom(1, 2, 3).Next());
  EXPECT_NE(CounterRandom(2, 2, 3).Next(), CounterRandom(1, 2, 3).Next());
}

}  // namespace
}  // namespace stillwatch::model
