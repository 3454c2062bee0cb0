#include "pipeline/bench/totals.h"

#include <gtest/gtest.h>

namespace stillwatch::bench {
namespace {

ClipResult Result(const std::string& suite, int found, int alarms, double seconds) {
  ClipResult result;
  result.clip.suite = suite;
  result.covered_s = seconds;
  result.fps = 10;
  result.score = score::ScoreReport{.total = 2, .found = found, .false_alarms = alarms};
  result.scan_cpu_s = 3;
  result.decode_cpu_s = 2;
  return result;
}

TEST(TotalsTest, SuitesAreSummedInTheirOrderAndAllAtTheEnd) {
  const std::vector<Totals> totals = TotalsOf(
      {Result("light", 1, 1, 1800), Result("change", 2, 0, 1800), Result("light", 0, 0, 3600)});
  ASSERT_EQ(totals.size(), 3U);
  EXPECT_EQ(totals[0].name, "light");
  EXPECT_EQ(totals[0].clips, 2);
  EXPECT_EQ(totals[0].found, 1);
  EXPECT_EQ(totals[0].changes, 4);
  EXPECT_DOUBLE_EQ(totals[0].alarms_per_hour(), 1 / 1.5);
  EXPECT_EQ(totals[2].name, "total");
  EXPECT_EQ(totals[2].found, 3);
  EXPECT_DOUBLE_EQ(totals[2].decode_ratio(), 1.5);
}

TEST(TotalsTest, SeriesOfPicturesDoNotHideWhatAVideoCosts) {
  ClipResult series = Result("a", 0, 0, 86400);
  series.series = true;
  series.decode_cpu_s.reset();
  const Totals total = TotalsOf({series, Result("a", 0, 0, 60)}).back();
  EXPECT_DOUBLE_EQ(total.cpu_per_minute(), 3);
  EXPECT_DOUBLE_EQ(total.hours, 24 + 1.0 / 60);
}

TEST(TotalsTest, EventsWithoutTruthAreCountedApart) {
  ClipResult result;
  result.events.resize(2);
  result.events[1].type = EventType::kChangeResolved;
  const Totals total = TotalsOf({result}).back();
  EXPECT_EQ(total.unjudged, 1);
  EXPECT_EQ(total.false_alarms, 0);
  EXPECT_DOUBLE_EQ(total.hours, 0);
}

TEST(TotalsTest, TheDelayIsFromTheEndOfTheChangeToTheTelling) {
  ClipResult result = Result("a", 1, 0, 60);
  result.events.resize(1);
  result.told = {{.frame = 130, .at_s = 13}};
  score::ChangeScore change;
  change.change.last_frame = 100;
  change.message = 0;
  result.score->changes = {change};
  EXPECT_EQ(TotalsOf({result}).back().delays_s, std::vector<double>{3});
}

}  // namespace
}  // namespace stillwatch::bench
