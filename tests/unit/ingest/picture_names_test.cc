#include "pipeline/ingest/picture_names.h"

#include <cstddef>
#include <iterator>

#include <gtest/gtest.h>

namespace stillwatch::ingest {
namespace {

TEST(PictureNamesTest, RunsOfDigitsCompareAsNumbers) {
  const char* const kInOrder[] = {"1.jpg",      "2.jpg",       "9.jpg",
                                  "10.jpg",     "cam1_2.jpg",  "cam1_12.jpg",
                                  "cam2_1.jpg", "cam10_1.jpg", "door.jpg"};
  for (std::size_t i = 0; i < std::size(kInOrder); ++i) {
    for (std::size_t j = 0; j < std::size(kInOrder); ++j) {
      EXPECT_EQ(NaturallyBefore(kInOrder[i], kInOrder[j]), i < j)
          << kInOrder[i] << " " << kInOrder[j];
    }
  }
  EXPECT_FALSE(NaturallyBefore("a", "a"));
  EXPECT_NE(NaturallyBefore("01", "1"), NaturallyBefore("1", "01"));
  EXPECT_TRUE(NaturallyBefore("99999999999999999998", "99999999999999999999"));  // Above 64 bits.
}

TEST(PictureNamesTest, ReadsTheTimesThatNamesTell) {
  const struct {
    const char* name;
    const char* time;
  } kCases[] = {
      {"1366030801.jpg", "2013-04-15T13:00:01.000Z"},
      {"1366030801123.jpg", "2013-04-15T13:00:01.123Z"},
      {"20260101_080002.png", "2026-01-01T08:00:02.000Z"},
      {"20260101080002.png", "2026-01-01T08:00:02.000Z"},
      {"2026-01-01T08-00-02.jpg", "2026-01-01T08:00:02.000Z"},
      {"2026-01-01_08-00-02.jpg", "2026-01-01T08:00:02.000Z"},
      {"2026-01-01 08:00:02.jpg", "2026-01-01T08:00:02.000Z"},
      {"dock_20260101_080002_A.jpg", "2026-01-01T08:00:02.000Z"},
      {"000001.jpg", "none"},
      {"in000123.jpg", "none"},
      {"0123456789.jpg", "none"},
      {"20261301_080002.jpg", "none"},  // There is no 13th month.
      {"20260101_250002.jpg", "none"},
      {"99999999999999999999999.jpg", "none"},
      {"door.jpg", "none"},
      {".jpg", "none"},
  };
  for (const auto& c : kCases) {
    const auto time = TimeInName(c.name);
    EXPECT_EQ(time ? FormatTime(*time) : "none", c.time) << c.name;
  }
}

TEST(PictureNamesTest, KnowsPicturesByTheirEnding) {
  EXPECT_TRUE(HasPictureEnding("a.jpg"));
  EXPECT_TRUE(HasPictureEnding("A.JPEG"));
  EXPECT_TRUE(HasPictureEnding("a.tiff"));
  EXPECT_FALSE(HasPictureEnding("a.mp4"));
  EXPECT_FALSE(HasPictureEnding("jpg"));
  EXPECT_FALSE(HasPictureEnding(".jpg"));
}

}  // namespace
}  // namespace stillwatch::ingest
