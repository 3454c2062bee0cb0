#include "pipeline/score/camera_score.h"

#include <gtest/gtest.h>

namespace stillwatch::score {
namespace {

// Ten frames a second: turned (100-110), covered (500-900).
Truth Clip() {
  Truth truth{.fps = 10};
  truth.camera = {{.type = "moved", .first_frame = 100, .last_frame = 110, .onset = 100},
                  {.type = "obstructed",
                   .also = {"dark"},
                   .first_frame = 500,
                   .last_frame = 900,
                   .onset = 520}};
  return truth;
}

CameraReport ScoreOf(const std::vector<CameraMessage>& messages) {
  return ScoreCamera(Clip(), messages, 10);
}

TEST(CameraScoreTest, EachListedEventIsFoundByItsTypeWithinThirtySeconds) {
  const CameraReport report =
      ScoreOf({{.type = "moved", .told = 150}, {.type = "obstructed", .told = 600}});
  EXPECT_EQ(report.total, 2);
  EXPECT_EQ(report.found, 2);
  EXPECT_DOUBLE_EQ(report.events[0].delay_s, 4);  // From the end of the turn.
  EXPECT_DOUBLE_EQ(report.events[1].delay_s, 8);  // From its onset.
  EXPECT_EQ(report.false_alarms + report.duplicates + report.wrong_type, 0);
}

TEST(CameraScoreTest, ThirtySecondsAfterTheOnsetIsTooLate) {
  EXPECT_EQ(ScoreOf({{.type = "obstructed", .told = 820}}).found, 1);
  const CameraReport late = ScoreOf({{.type = "obstructed", .told = 821}});
  EXPECT_EQ(late.found, 0);
  EXPECT_EQ(late.false_alarms, 0);  // It is about the trouble, only late.
}

TEST(CameraScoreTest, AnotherTypeThatTheFileAllowsIsRight) {
  EXPECT_EQ(ScoreOf({{.type = "dark", .told = 600}}).found, 1);
}

TEST(CameraScoreTest, AnotherTypeInItsTimeIsAWrongType) {
  const CameraReport report = ScoreOf({{.type = "defocused", .told = 600}});
  EXPECT_EQ(report.found, 0);
  EXPECT_EQ(report.wrong_type, 1);
  EXPECT_EQ(report.events[1].instead, "defocused");
  EXPECT_EQ(report.false_alarms, 0);
}

TEST(CameraScoreTest, AnEventThatIsToldTwiceIsADuplicate) {
  const CameraReport report =
      ScoreOf({{.type = "moved", .told = 150}, {.type = "moved", .told = 200}});
  EXPECT_EQ(report.found, 1);
  EXPECT_EQ(report.duplicates, 1);
}

TEST(CameraScoreTest, AMessageInTheTimeOfNothingIsAFalseAlarm) {
  const CameraReport report = ScoreOf({{.type = "frozen", .told = 50}});
  EXPECT_EQ(report.false_alarms, 1);
  EXPECT_EQ(report.alarms, std::vector<std::size_t>{0});
}

TEST(CameraScoreTest, RecoveredIsNeverJudged) {
  const CameraReport report = ScoreOf({{.type = "recovered", .told = 50}});
  EXPECT_EQ(report.false_alarms, 0);
}

TEST(CameraScoreTest, CountsChangeEventsInTheTimeOfTrouble) {
  const CameraReport report =
      ScoreOf({{.change = true, .told = 600}, {.change = true, .told = 50}});
  EXPECT_EQ(report.changes_meanwhile, 1);
  EXPECT_EQ(report.wrong_type, 0);
}

}  // namespace
}  // namespace stillwatch::score
