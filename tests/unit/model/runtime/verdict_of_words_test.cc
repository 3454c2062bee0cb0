#include "model/runtime/verdict_of_words.h"

#include <cmath>

#include <gtest/gtest.h>

#include "model/runtime/bench.h"

namespace stillwatch::model {
namespace {

Generated Written(float mean, std::vector<double> nothing) {
  return {.ids = {1, 2}, .log_probabilities = {mean, mean}, .also = std::move(nothing)};
}

TEST(VerdictOfWordsTest, HoldsTheCaptionAgainstTheLikeliestSentence) {
  const auto sure = JudgeWords("a bag was left", Written(-0.2F, {-3, -1.8, -4}), {});
  EXPECT_TRUE(sure.changed);
  EXPECT_NEAR(sure.changed_probability, 1 / (1 + std::exp(-1.6)), 1e-6);
  const auto doubtful = JudgeWords("a bag was left", Written(-2.5F, {-3, -0.5, -4}), {});
  EXPECT_FALSE(doubtful.changed);
  const auto sharper = JudgeWords("a bag was left", Written(-0.2F, {-1.8}), {.slope = 3});
  EXPECT_GT(sharper.changed_probability, sure.changed_probability);
}

TEST(VerdictOfWordsTest, ACaptionThatSaysNothingChangedIsBelieved) {
  for (const char* caption : {"There is No Difference.", "the images are identical", "no change"}) {
    const auto verdict = JudgeWords(caption, Written(-0.1F, {-2}), {});
    EXPECT_FALSE(verdict.changed) << caption;
    EXPECT_LT(verdict.changed_probability, 0.5);
  }
  EXPECT_FALSE(JudgeWords("", {.also = {-1.0}}, {}).changed);
  EXPECT_FALSE(SaysNothingChanged("the chair has been moved"));
}

TEST(ShapeConfigTest, ShapesAreTheRealNetworks) {
  const auto large = ShapeConfig("7b");
  ASSERT_TRUE(large);
  EXPECT_EQ(CrossCheck(*large), "");
  EXPECT_EQ(large->text.num_attention_heads * large->text.head_dim, large->text.hidden_size);
  const auto small = ShapeConfig("0.5b");
  ASSERT_TRUE(small);
  EXPECT_EQ(CrossCheck(*small), "");
  EXPECT_TRUE(small->text.tie_word_embeddings);
  EXPECT_TRUE(ShapeConfig("nano"));
  EXPECT_FALSE(ShapeConfig("70b"));
}

}  // namespace
}  // namespace stillwatch::model
