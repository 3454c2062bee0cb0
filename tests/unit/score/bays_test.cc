#include "pipeline/score/bays.h"

#include <gtest/gtest.h>

namespace stillwatch::score {
namespace {

// Two bays side by side; a car comes to the left one in the picture of 07:10 and goes at 07:25; the
// label of the right one at 07:15 was seen to be wrong.
constexpr const char* kLabels = R"({
 "spots": {"1": {"polygon": [[10,10],[30,10],[30,30],[10,30]], "bbox": [10,10,20,20]},
           "2": {"polygon": [[60,10],[80,10],[80,30],[60,30]], "bbox": [60,10,20,20]}},
 "frames": [
  {"file": "a.jpg", "pklot_name": "2013-04-15_07_00_01.jpg", "occupied": {"1": 0, "2": 1}},
  {"file": "b.jpg", "pklot_name": "2013-04-15_07_05_01.jpg", "occupied": {"1": 0, "2": 1}},
  {"file": "c.jpg", "pklot_name": "2013-04-15_07_10_01.jpg", "occupied": {"1": 1, "2": 1}},
  {"file": "d.jpg", "pklot_name": "2013-04-15_07_15_01.jpg", "occupied": {"1": 1, "2": 0}},
  {"file": "e.jpg", "pklot_name": "2013-04-15_07_20_01.jpg", "occupied": {"1": 1, "2": 0}},
  {"file": "f.jpg", "pklot_name": "2013-04-15_07_25_01.jpg", "occupied": {"1": 0, "2": 0}}]})";
constexpr const char* kTruth = R"({"width": 100, "height": 50,
 "verified_events": [{"before": "b.jpg", "spot": 1}],
 "labels_seen_to_be_wrong": [{"clock": "07:10", "spot": 2}]})";

constexpr Region kLeft{0.1, 0.2, 0.2, 0.4}, kRight{0.6, 0.2, 0.2, 0.4}, kElse{0.4, 0.8, 0.1, 0.1};

BaySeries Series() { return *ParseBays(kLabels, kTruth, "labels"); }

ChangeEvent Event(std::int64_t picture, const Region& region, ChangeKind kind = ChangeKind::kAdded,
                  EventType type = EventType::kChangeDetected) {
  ChangeEvent event;
  event.type = type;
  event.kind = kind;
  event.regions = {region};
  event.current.frame = picture;
  return event;
}

TEST(BaysTest, ReadsChangesFromTheLabelsAndLeavesOutWhatWasSeenToBeWrong) {
  const BaySeries series = Series();
  ASSERT_EQ(series.changes.size(), 2U);
  EXPECT_EQ(series.corrected, 1);
  EXPECT_EQ(series.changes[0].picture, 2);
  EXPECT_EQ(series.changes[0].kind, ChangeKind::kAdded);
  EXPECT_TRUE(series.changes[0].verified);
  EXPECT_EQ(series.changes[1].picture, 5);
  EXPECT_EQ(series.changes[1].kind, ChangeKind::kRemoved);
  EXPECT_FALSE(series.changes[1].verified);
}

TEST(BaysTest, NamesTheFileThatDoesNotParse) {
  const auto series = ParseBays("{\"spots\": 3}", "", "park/occupancy.json");
  ASSERT_FALSE(series.has_value());
  EXPECT_EQ(series.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(series.error().message().find("park/occupancy.json"), std::string::npos);
}

TEST(BaysTest, AnEventFindsAChangeUpToThreePicturesLate) {
  const BayReport report = ScoreBays(Series(), {Event(4, kLeft)});
  EXPECT_EQ(report.found, 1);
  EXPECT_EQ(report.kinds_right, 1);
  EXPECT_EQ(report.verified_found, 1);
  EXPECT_EQ(report.changes[0].pictures_late, 2);
  EXPECT_TRUE(report.alarms.empty());
}

TEST(BaysTest, AResolvedEventCountsForTheCarThatLeaves) {
  const BayReport report = ScoreBays(
      Series(), {Event(2, kLeft), Event(5, kLeft, ChangeKind::kAdded, EventType::kChangeResolved)});
  EXPECT_EQ(report.found, 2);
  EXPECT_EQ(report.kinds_right, 2);
  EXPECT_EQ(report.duplicates, 0);
}

TEST(BaysTest, AnEventInAnUnchangedBayIsAFalseAlarm) {
  const BayReport report = ScoreBays(Series(), {Event(3, kRight), Event(1, kLeft)});
  ASSERT_EQ(report.alarms.size(), 2U);
  EXPECT_EQ(report.unchanged_steps, 2 * 5 - 2);
  EXPECT_DOUBLE_EQ(report.alarms_per_100(), 25);
}

TEST(BaysTest, NothingIsKnownOutsideTheBays) {
  const BayReport report = ScoreBays(Series(), {Event(3, kElse)});
  EXPECT_TRUE(report.alarms.empty());
  EXPECT_EQ(report.elsewhere, 1);
}

TEST(BaysTest, ASecondDetectionIsADuplicate) {
  const BayReport report = ScoreBays(Series(), {Event(2, kLeft), Event(3, kLeft)});
  EXPECT_EQ(report.found, 1);
  EXPECT_EQ(report.duplicates, 1);
}

}  // namespace
}  // namespace stillwatch::score
