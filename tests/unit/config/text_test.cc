#include "config/text.h"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace stillwatch::config {
namespace {

TEST(Utf8LengthTest, TakesWholeCharactersOnly) {
  struct Case {
    std::string_view text;
    std::size_t length;
  };
  constexpr Case kCases[] = {{"", 0},
                             {"a", 1},
                             {"\x7F", 1},
                             {"\x80", 0},          // A continuation alone.
                             {"\xC2\x80", 2},      // U+0080.
                             {"\xC1\xBF", 0},      // Overlong.
                             {"\xC3", 0},          // Cut off.
                             {"\xE0\xA0\x80", 3},  // U+0800.
                             {"\xE0\x9F\xBF", 0},  // Overlong.
                             {"\xED\x9F\xBF", 3},  // U+D7FF.
                             {"\xED\xA0\x80", 0},  // A surrogate.
                             {"\xEF\xBF\xBF", 3},
                             {"\xE2\x82", 0},
                             {"\xF0\x90\x80\x80", 4},  // U+10000.
                             {"\xF0\x8F\xBF\xBF", 0},  // Overlong.
                             {"\xF4\x8F\xBF\xBF", 4},  // U+10FFFF.
                             {"\xF4\x90\x80\x80", 0},  // Beyond.
                             {"\xF5\x80\x80\x80", 0},
                             {"\xFF", 0}};
  for (const Case& c : kCases) {
    EXPECT_EQ(Utf8Length(c.text), c.length) << testing::PrintToString(c.text);
    EXPECT_EQ(Utf8Length(std::string(c.text) + "x"), c.text.empty() ? 1 : c.length)
        << testing::PrintToString(c.text);
  }
}

TEST(NearestTest, FindsWhatWasMeant) {
  constexpr std::array<std::string_view, 4> kNames = {"zones", "source", "selection", "tin"};
  EXPECT_EQ(Nearest("zonse", kNames), "zones");
  EXPECT_EQ(Nearest("ZONES", kNames), "zones");
  EXPECT_EQ(Nearest("zone", kNames), "zones");
  EXPECT_EQ(Nearest("sources", kNames), "source");
  EXPECT_EQ(Nearest("slecton", kNames), "selection");
  EXPECT_EQ(Nearest("tim", kNames), "tin");
  EXPECT_EQ(Nearest("tuna", kNames), "");
  EXPECT_EQ(Nearest("", kNames), "");
  EXPECT_EQ(Nearest(std::string(100'000, 'z'), kNames), "");
}

TEST(ShownTest, IsShortAndOneLine) {
  EXPECT_EQ(Shown("a b"), "'a b'");
  EXPECT_EQ(Shown("a\nb\x1Bx\xFFx\xC2\x9B"), "'a?b?x?x?'");
  EXPECT_EQ(Shown(std::string(100, 'x')), "'" + std::string(40, 'x') + "...'");
  EXPECT_EQ(Shown("see rtsp://bob:hunter2@cam"), "an address");
}

TEST(FormatNumberTest, HasNoExponentAndReadsBack) {
  EXPECT_EQ(FormatNumber(0.0005), "0.0005");
  EXPECT_EQ(FormatNumber(1e-7), "0.0000001");
  EXPECT_EQ(FormatNumber(100), "100");
  EXPECT_EQ(ParseNumber(FormatNumber(1.0 / 3)), 1.0 / 3);
}

TEST(ParseNumberTest, WantsTheWholeTextToBeAFiniteNumber) {
  EXPECT_EQ(ParseNumber("1e-3"), 0.001);
  for (const std::string_view text : {"", "1 ", " 1", "1x", "0x1", "nan", "inf", "-inf", "1e999"}) {
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseInteger("-7"), -7);
  for (const std::string_view text : {"", "+1", "1.0", "99999999999"}) {
    EXPECT_EQ(ParseInteger(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace stillwatch::config
