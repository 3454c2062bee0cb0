#include "model/tokenizer/utf8.h"

#include <random>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

std::string Lossy(std::string_view bytes) {
  std::string text;
  EXPECT_EQ(AppendLossy(bytes, false, text), bytes.size());
  return text;
}

TEST(Utf8Test, KeepsWhatIsUtf8) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF";
  EXPECT_EQ(Lossy(text), text);
  EXPECT_EQ(DecodeUtf8(text), U"a\u00e9\u20ac\U0001F600\U0010FFFF");
}

TEST(Utf8Test, ReplacesEachMaximalWrongPartOnce) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(Lossy("\x80"), bad);
  EXPECT_EQ(Lossy("\xC0\xAF"), bad + bad);                      // Overlong: neither byte can start.
  EXPECT_EQ(Lossy("\xE2\x82x"), bad + "x");                     // Cut short: one part.
  EXPECT_EQ(Lossy("\xED\xA0\x80"), bad + bad + bad);            // A surrogate.
  EXPECT_EQ(Lossy("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // Above U+10FFFF.
  EXPECT_EQ(Lossy("\xF0\x9F\x98"), bad);                        // The end is missing.
  EXPECT_EQ(Lossy("\xE0\x80\x80"), bad + bad + bad);            // Overlong.
}

TEST(Utf8Test, HoldsBackAnUnfinishedEndOnlyWhileMoreMayFollow) {
  std::string text;
  EXPECT_EQ(AppendLossy("ab\xF0\x9F\x98", true, text), 2U);
  EXPECT_EQ(text, "ab");
  EXPECT_EQ(AppendLossy("\xC3(", true, text), 2U);  // Cannot become anything.
  EXPECT_EQ(text, "ab\xEF\xBF\xBD(");
}

TEST(Utf8Test, GivesUtf8ForAnyBytesHoweverTheyAreCut) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 12, ' ');
    // Leads and continuations more often than letters.
    for (char& byte : bytes) byte = static_cast<char>(0x70 + random() % 0x90);
    std::string streamed, pending;
    for (const char byte : bytes) {
      pending += byte;
      pending.erase(0, AppendLossy(pending, true, streamed));
      ASSERT_LE(pending.size(), 3U);
    }
    AppendLossy(pending, false, streamed);
    ASSERT_EQ(streamed, Lossy(bytes));
    ASSERT_EQ(Lossy(streamed), streamed);
  }
}

}  // namespace
}  // namespace stillwatch::model
