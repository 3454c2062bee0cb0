#include "model/eval/constant_caption.h"

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

using References = std::vector<std::vector<std::string>>;

TEST(ConstantCaptionTest, TakesTheSentenceThatFitsMostPairs) {
  References training;
  for (int i = 0; i < 20; ++i) training.push_back({"a person has left the room"});
  for (int i = 0; i < 5; ++i) training.push_back({"number " + std::to_string(i) + " is gone"});
  const auto best = BestConstantCaption(training);
  ASSERT_TRUE(best);
  EXPECT_EQ(*best, "a person has left the room");
}

TEST(ConstantCaptionTest, NeedsReferences) {
  EXPECT_EQ(BestConstantCaption({}).error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(BestConstantCaption(References{{""}, {"."}}).error().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace stillwatch::model
