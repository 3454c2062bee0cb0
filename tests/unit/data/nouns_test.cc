#include "model/data/nouns.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace stillwatch::data {
namespace {

TEST(NounsTest, TheBuiltInTableHasPlainNouns) {
  const auto nouns = BuiltInNouns();
  ASSERT_TRUE(nouns) << nouns.error().message();
  EXPECT_GT(nouns->size(), 200U);
  for (const Noun& noun : *nouns) {
    EXPECT_TRUE(std::none_of(noun.noun.begin(), noun.noun.end(), [](unsigned char c) {
      return std::isupper(c) || std::isdigit(c);
    })) << noun.noun;
  }
}

TEST(NounsTest, TheBuiltInTableSaysNothingOfAPersonButThat) {
  const auto nouns = BuiltInNouns();
  ASSERT_TRUE(nouns);
  for (const Noun& noun : *nouns) {
    if (!noun.person) continue;
    EXPECT_EQ(noun.noun, "person");
    EXPECT_EQ(noun.weight, 0) << "a person is never what changed";
  }
}

TEST(NounsTest, ReadsALineWithAndWithoutAFlag) {
  const auto nouns =
      ParseNouns("# comment\nOffice chair 2\tchair\tr\t1.5\t\nCone\tcone\trs\t2\tround\n");
  ASSERT_TRUE(nouns) << nouns.error().message();
  ASSERT_EQ(nouns->size(), 2U);
  EXPECT_EQ((*nouns)[0].noun, "chair");
  EXPECT_DOUBLE_EQ((*nouns)[0].weight, 1.5);
  EXPECT_FALSE((*nouns)[0].round);
  EXPECT_TRUE((*nouns)[1].round);
}

TEST(NounsTest, NamesTheLineThatDoesNotFit) {
  for (const char* bad : {"only\ttwo", "Cone\tcone\trs\tmany\t", "Cone\tcone\tq\t1\t",
                          "Cone\tcone\tr\t1\tsquare", "Cone\tcone\tr\t-1\t"}) {
    const auto nouns = ParseNouns("# one\n" + std::string(bad) + "\n");
    ASSERT_FALSE(nouns) << bad;
    EXPECT_EQ(nouns.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(nouns.error().message().find("line 2"), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace stillwatch::data
