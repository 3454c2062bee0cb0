#include "pipeline/score/score.h"

#include <gtest/gtest.h>

namespace stillwatch::score {
namespace {

constexpr Region kLeft{0.1, 0.4, 0.1, 0.2};
constexpr Region kRight{0.7, 0.4, 0.1, 0.2};

// Ten frames a second: added at the left (100-120), removed there (400-420), added at the right
// (150-160).
Truth Clip() {
  Truth truth{.width = 640, .height = 360, .fps = 10, .frame_count = 1000};
  truth.changes = {
      {.id = 1, .kind = ChangeKind::kAdded, .first_frame = 100, .last_frame = 120, .box = kLeft},
      {.id = 2, .kind = ChangeKind::kAdded, .first_frame = 150, .last_frame = 160, .box = kRight},
      {.id = 3, .kind = ChangeKind::kRemoved, .first_frame = 200, .last_frame = 220, .box = kLeft}};
  return truth;
}

ChangeEvent Event(const std::string& id, std::int64_t frame, const Region& region,
                  ChangeKind kind = ChangeKind::kAdded,
                  EventType type = EventType::kChangeDetected) {
  ChangeEvent event;
  event.id = id;
  event.type = type;
  event.kind = kind;
  event.regions = {region};
  event.current.frame = frame;
  return event;
}

ScoreReport ScoreOf(const std::vector<ChangeEvent>& events) {
  return Score(Clip(), events, 10, 640, 360);
}

TEST(ScoreTest, NothingReportedFindsNothing) {
  const ScoreReport report = ScoreOf({});
  EXPECT_EQ(report.total, 3);
  EXPECT_EQ(report.found, 0);
  EXPECT_EQ(report.false_alarms, 0);
}

TEST(ScoreTest, CountsWhatWasFoundWithItsDelayAndKind) {
  const ScoreReport report = ScoreOf({Event("a", 130, kLeft), Event("b", 170, kRight),
                                      Event("c", 230, kLeft, ChangeKind::kReplaced)});
  EXPECT_EQ(report.found, 3);
  EXPECT_EQ(report.kinds_right, 2);
  EXPECT_EQ(report.false_alarms, 0);
  EXPECT_EQ(report.duplicates, 0);
  EXPECT_EQ(report.changes[0].event_id, "a");
  EXPECT_DOUBLE_EQ(report.changes[0].delay_s, 1);
  EXPECT_FALSE(report.changes[2].kind_right);
}

TEST(ScoreTest, AnEventCountsFromTheStartOfTheSpanToFifteenSecondsAfterItsEnd) {
  const struct {
    std::int64_t frame;
    int found;
  } cases[] = {{149, 0}, {150, 1}, {160, 1}, {310, 1}, {311, 0}};
  for (const auto& one : cases) {
    const ScoreReport report = ScoreOf({Event("a", one.frame, kRight)});
    EXPECT_EQ(report.found, one.found) << one.frame;
    EXPECT_EQ(report.false_alarms, 1 - one.found) << one.frame;
  }
}

TEST(ScoreTest, TheNextChangeAtThePlaceEndsTheTime) {
  EXPECT_EQ(ScoreOf({Event("a", 199, kLeft)}).changes[0].event_id, "a");
  const ScoreReport report = ScoreOf({Event("a", 200, kLeft)});
  EXPECT_EQ(report.changes[0].event_id, "");
  EXPECT_EQ(report.changes[2].event_id, "a");
}

TEST(ScoreTest, ThePlaceIsRightByOverlapOrByCentre) {
  const struct {
    Region region;
    int found;
  } cases[] = {
      {{0.1, 0.4, 0.1, 0.2}, 1},      {{0.18, 0.4, 0.1, 0.2}, 1},  // IoU 0.11.
      {{0.14, 0.49, 0.01, 0.01}, 1},                      // Tiny, but its centre is inside.
      {{0.075, 0.49, 0.01, 0.01}, 1},                     // Its centre is in the box grown by half.
      {{0.06, 0.49, 0.01, 0.01}, 0},                      // And here it is not.
      {{0.4, 0.4, 0.1, 0.2}, 0},      {{0, 0, 1, 1}, 0},  // Everything is nowhere.
  };
  for (const auto& one : cases) {
    EXPECT_EQ(ScoreOf({Event("a", 130, one.region)}).found, one.found) << one.region.x;
  }
}

TEST(ScoreTest, AListedPartIsEnough) {
  Truth truth = Clip();
  truth.changes.resize(1);
  truth.changes[0].box = {0, 0, 1, 1};
  truth.changes[0].parts = {kLeft, kRight};
  const Region corner{0.75, 0.45, 0.02, 0.02};
  EXPECT_EQ(Score(truth, {Event("a", 130, corner)}, 10, 640, 360).found, 1);
}

TEST(ScoreTest, AFalseAlarmCountsOncePerEvent) {
  const Region middle{0.4, 0.1, 0.1, 0.1};
  const ScoreReport report =
      ScoreOf({Event("x", 300, middle),
               Event("x", 400, middle, ChangeKind::kAdded, EventType::kChangeResolved)});
  EXPECT_EQ(report.false_alarms, 1);
  EXPECT_EQ(report.alarms[0].frame, 300);
}

TEST(ScoreTest, ASecondDetectionOfOneChangeIsADuplicate) {
  const ScoreReport report = ScoreOf({Event("a", 130, kLeft), Event("b", 140, kLeft)});
  EXPECT_EQ(report.found, 1);
  EXPECT_EQ(report.duplicates, 1);
  EXPECT_EQ(report.false_alarms, 0);
  EXPECT_EQ(report.changes[0].duplicates, 1);
}

TEST(ScoreTest, AResolvedEventFindsTheChangeThatRestoresTheScene) {
  const ScoreReport report =
      ScoreOf({Event("a", 130, kLeft),
               Event("a", 230, kLeft, ChangeKind::kAdded, EventType::kChangeResolved)});
  EXPECT_EQ(report.found, 2);
  EXPECT_EQ(report.duplicates, 0);
  EXPECT_EQ(report.changes[2].kind, ChangeKind::kRemoved);  // What was added is gone again.
  EXPECT_TRUE(report.changes[2].kind_right);
}

TEST(ScoreTest, OneEventMayFindTwoChanges) {
  ChangeEvent both = Event("a", 165, kLeft);
  both.regions.push_back(kRight);
  EXPECT_EQ(ScoreOf({both}).found, 2);
}

TEST(ScoreTest, OtherMessagesArePassedOver) {
  const ScoreReport report =
      ScoreOf({Event("a", 130, kLeft, ChangeKind::kAdded, EventType::kChangeUpdated),
               Event("b", 700, kLeft, ChangeKind::kAdded, EventType::kChangeAccepted)});
  EXPECT_EQ(report.found, 0);
  EXPECT_EQ(report.false_alarms, 0);
}

TEST(ScoreTest, TakesStreamTimeWhereThereIsNoFrameNumber) {
  ChangeEvent event = Event("a", 0, kLeft);
  event.current.frame.reset();
  event.current.pts = std::chrono::seconds(13);
  EXPECT_EQ(ScoreOf({event}).found, 1);
  event.current.pts.reset();
  EXPECT_EQ(ScoreOf({event}).false_alarms, 1);
}

TEST(ScoreTest, TheReportNamesWhatWasFoundMissedAndInvented) {
  const std::string text = FormatReport(
      ScoreOf({Event("a", 130, kLeft), Event("x", 300, {0.4, 0.1, 0.1, 0.1}, ChangeKind::kMoved)}));
  EXPECT_NE(text.find("detected  added          130    +1.0s"), std::string::npos) << text;
  EXPECT_NE(text.find("missed"), std::string::npos) << text;
  EXPECT_NE(text.find("false alarm: change.detected at frame 300, moved"), std::string::npos);
  EXPECT_NE(text.find("found 1 of 3, false alarms 1, duplicates 0, kinds right 1 of 1"),
            std::string::npos);
}

TEST(ScoreTest, WhatCouldOnlyBeSeenLaterMayBeToldLater) {
  Truth truth = Clip();
  truth.changes[1].clear_from = 600;  // A crowd stood before it.
  const ScoreReport report = Score(truth, {Event("a", 700, kRight)}, 10, 640, 360);
  EXPECT_EQ(report.found, 1);
  EXPECT_DOUBLE_EQ(report.changes[1].delay_s, 10);
}

TEST(ScoreTest, ASeriesOfPicturesGetsThreePictures) {
  Truth truth = Clip();
  truth.fps = 1.0 / 300;
  EXPECT_EQ(Score(truth, {Event("a", 163, kRight)}, 0, 640, 360).found, 1);
  EXPECT_EQ(Score(truth, {Event("a", 164, kRight)}, 0, 640, 360).found, 0);
}

TEST(ScoreTest, SaysWhichMessageFoundAChangeAndAtWhichAnAlarmRang) {
  const ScoreReport report = ScoreOf({Event("x", 900, kLeft), Event("a", 130, kLeft)});
  EXPECT_EQ(report.changes[0].message, std::optional<std::size_t>(1));
  ASSERT_EQ(report.alarms.size(), 1U);
  EXPECT_EQ(report.alarms[0].message, 0U);
  EXPECT_EQ(report.alarms[0].at_change, std::optional<int>(3));  // There, but far too late.
}

}  // namespace
}  // namespace stillwatch::score
