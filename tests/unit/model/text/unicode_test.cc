#include "model/tokenizer/unicode.h"

#include <random>
#include <string_view>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(UnicodeTest, KnowsLettersNumbersAndSpaces) {
  for (const char32_t c :
       std::u32string_view(U"azAZ\u00aa\u00df\u0416\u4e09\uac00\u02b0\U00020000")) {
    EXPECT_TRUE(IsLetter(c)) << static_cast<int>(c);
  }
  for (const char32_t c : std::u32string_view(U"09\u00b2\u00bd\u0663\u2168\U0001d7d8")) {
    EXPECT_TRUE(IsNumber(c)) << static_cast<int>(c);
  }
  for (const char32_t c : std::u32string_view(U" \t\n\v\f\r\u0085\u00a0\u2003\u3000")) {
    EXPECT_TRUE(IsSpace(c)) << static_cast<int>(c);
  }
  // Marks, signs, zero-width and emoji are none of the three.
  for (const char32_t c : std::u32string_view(U"_'!\u0301\u200b\ufeff\u20ac\U0001F600\U0010FFFF")) {
    EXPECT_FALSE(IsLetter(c) || IsNumber(c) || IsSpace(c)) << static_cast<int>(c);
  }
}

TEST(UnicodeTest, GivesEveryCodePointAtMostOneClass) {
  int letters = 0, numbers = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    ASSERT_LE(IsLetter(c) + IsNumber(c) + IsSpace(c), 1) << static_cast<int>(c);
    letters += IsLetter(c);
    numbers += IsNumber(c);
  }
  // As Python 3.11 counts them (Unicode 14.0).  Tables of another version move these two lines.
  EXPECT_EQ(letters, 131756);
  EXPECT_EQ(numbers, 1791);
}

TEST(UnicodeTest, ComposesAndOrdersMarks) {
  EXPECT_EQ(Nfc(U"cafe\u0301"), U"caf\u00e9");
  EXPECT_EQ(Nfc(U"e\u0302\u0323"), U"\u1ec7");                        // Marks in the other order.
  EXPECT_EQ(Nfc(U"A\u030angstrom \u212b"), U"\u00c5ngstrom \u00c5");  // Angstrom sign.
  EXPECT_EQ(Nfc(U"\u0344"), U"\u0308\u0301");                         // Decomposes for good.
  EXPECT_EQ(Nfc(U"\u0958"), U"\u0915\u093c");                         // A composition exclusion.
  EXPECT_EQ(Nfc(U"\ufb01"), U"\ufb01");               // Compatibility stays: no NFKC.
  EXPECT_EQ(Nfc(U"\u0301x"), U"\u0301x");             // Nothing to join.
  EXPECT_EQ(Nfc(U"a\u0315\u0300"), U"\u00e0\u0315");  // Joins past a mark of another class.
  EXPECT_EQ(Nfc(U"a\u0338\u0338"), U"a\u0338\u0338");
}

TEST(UnicodeTest, ComposesHangulByArithmetic) {
  EXPECT_EQ(Nfc(U"\u1112\u1161\u11ab"), U"\ud55c");
  EXPECT_EQ(Nfc(U"\u1100\u1173\u11af"), U"\uae00");
  EXPECT_EQ(Nfc(U"\uac00\u11a8"), U"\uac01");
  EXPECT_EQ(Nfc(U"\uac01\u11a8"), U"\uac01\u11a8");  // Has a trailing consonant already.
  EXPECT_EQ(Nfc(U"\uac00\u11a7"), U"\uac00\u11a7");  // U+11A7 is none.
}

TEST(UnicodeTest, LeavesNormalTextAlone) {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::u32string text(random() % 8, U' ');
    for (char32_t& c : text) {
      c = random() % 2 ? static_cast<char32_t>(0x41 + random() % 0x300)
                       : static_cast<char32_t>(0x300 + random() % 0x70);
    }
    const std::u32string once = Nfc(text);
    ASSERT_EQ(Nfc(once), once);
  }
}

}  // namespace
}  // namespace stillwatch::model
