#include "model/tokenizer/split.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

using Pieces = std::vector<std::u32string_view>;

TEST(SplitTest, CutsWordsWithTheSpaceBeforeThem) {
  EXPECT_EQ(SplitText(U"two  spaces"), (Pieces{U"two", U" ", U" spaces"}));
  EXPECT_EQ(SplitText(U"a.b -c"), (Pieces{U"a", U".b", U" -", U"c"}));
  EXPECT_EQ(SplitText(U"x12"), (Pieces{U"x", U"1", U"2"}));
  EXPECT_EQ(SplitText(U" 1"), (Pieces{U" ", U"1"}));
}

TEST(SplitTest, CutsContractionsInAnyCase) {
  EXPECT_EQ(SplitText(U"it's WE'LL"), (Pieces{U"it", U"'s", U" WE", U"'LL"}));
  EXPECT_EQ(SplitText(U"'tis"), (Pieces{U"'t", U"is"}));
  EXPECT_EQ(SplitText(U"'quoted'"), (Pieces{U"'quoted", U"'"}));
  EXPECT_EQ(SplitText(U"x'\u017f"), (Pieces{U"x", U"'\u017f"}));  // The long s.
  EXPECT_EQ(SplitText(U"x'l"), (Pieces{U"x", U"'l"}));
}

TEST(SplitTest, KeepsLineBreaksWithWhatTheyEnd) {
  EXPECT_EQ(SplitText(U"end.\n\nNew"), (Pieces{U"end", U".\n\n", U"New"}));
  EXPECT_EQ(SplitText(U"a \n  b"), (Pieces{U"a", U" \n", U" ", U" b"}));
  EXPECT_EQ(SplitText(U"a  "), (Pieces{U"a", U"  "}));
  EXPECT_EQ(SplitText(U"\r\n\t"), (Pieces{U"\r\n", U"\t"}));
}

TEST(SplitTest, LosesNothing) {
  EXPECT_TRUE(SplitText(U"").empty());
  std::mt19937 random(5);
  const std::u32string letters = U"ab1 \n\r\t'sL.,\u00e9\u0301\u3000\u4e09";
  for (int round = 0; round < 3000; ++round) {
    std::u32string text(random() % 12, U' ');
    for (char32_t& c : text) c = letters[random() % letters.size()];
    std::u32string joined;
    for (const auto piece : SplitText(text)) {
      ASSERT_FALSE(piece.empty());
      joined += piece;
    }
    ASSERT_EQ(joined, text);
  }
}

}  // namespace
}  // namespace stillwatch::model
