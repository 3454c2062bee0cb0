#include "pipeline/core/time.h"

#include <gtest/gtest.h>

namespace stillwatch {
namespace {

using namespace std::chrono_literals;

TEST(TimeTest, FormatsUtcWithMilliseconds) {
  EXPECT_EQ(FormatTime(TimePoint{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(TimePoint(1767254402120ms)), "2026-01-01T08:00:02.120Z");
  EXPECT_EQ(FormatTime(TimePoint(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(TimeTest, ReadsWhatItWritesAndOffsetsAndDates) {
  const TimePoint time(1767254402120ms);
  EXPECT_EQ(ParseTime(FormatTime(time)).value(), time);
  EXPECT_EQ(ParseTime("2026-01-01T09:00:02.12+01:00").value(), time);
  EXPECT_EQ(ParseTime("2026-01-01 03:00:02.12-05:00").value(), time);
  EXPECT_EQ(FormatTime(ParseTime("2026-01-31").value()), "2026-01-31T00:00:00.000Z");
}

TEST(TimeTest, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-01-01T08:00",
                           "2026-01-01T08:00:02", "2026-01-01T25:00:00Z", "2026-01-01T08:00:02.Z",
                           "2026-01-01T08:00:02Zx", "9999-01-01", "+026-01-01"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST(TimeTest, DurationsCarryUnits) {
  EXPECT_EQ(ParseDuration("250ms").value(), 250ms);
  EXPECT_EQ(ParseDuration("2s").value(), 2s);
  EXPECT_EQ(ParseDuration("1.5s").value(), 1500ms);
  EXPECT_EQ(ParseDuration("5min").value(), 5min);
  EXPECT_EQ(ParseDuration("12h").value(), 12h);
  EXPECT_EQ(ParseDuration("30d").value(), 30 * 24h);
  for (const char* text :
       {"", "2", "s", "2 s", "-2s", "nans", "infs", "1e400s", "2sec", "400000d"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(TimeTest, FormatsDurationsWithTheLargestUnitThatFits) {
  EXPECT_EQ(FormatDuration(0s), "0s");
  EXPECT_EQ(FormatDuration(90s), "90s");
  EXPECT_EQ(FormatDuration(300s), "5min");
  EXPECT_EQ(FormatDuration(1500ms), "1500ms");
}

}  // namespace
}  // namespace stillwatch
