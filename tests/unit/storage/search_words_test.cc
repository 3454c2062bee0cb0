#include "storage/store/search_words.h"

#include <gtest/gtest.h>

namespace stillwatch::store {
namespace {

TEST(SearchWordsTest, EveryWordBecomesAQuotedString) {
  EXPECT_EQ(MatchExpression("blue bottle"), R"("blue" "bottle")");
  EXPECT_EQ(MatchExpression("  blue\t bottle \n"), R"("blue" "bottle")");
  EXPECT_EQ(MatchExpression("NOT (x) y*"), R"x("NOT" "(x)" "y*")x");
  EXPECT_EQ(MatchExpression("\"bottle"), "\"\"\"bottle\"");
}

TEST(SearchWordsTest, ArticlesCountOnlyWhereTheyAreAlone) {
  EXPECT_EQ(MatchExpression("The bottle"), R"("bottle")");
  EXPECT_EQ(MatchExpression("a an"), R"("a" "an")");
}

TEST(SearchWordsTest, WordsWithoutALetterAreLeftOut) {
  EXPECT_EQ(MatchExpression("* - ( bottle"), R"("bottle")");
  EXPECT_EQ(MatchExpression("?!"), "");
  EXPECT_EQ(MatchExpression(""), "");
}

}  // namespace
}  // namespace stillwatch::store
