#include "pipeline/select/pair_selector.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/unit/select/studio.h"

namespace stillwatch::select {
namespace {

const cv::Rect kPlace(180, 150, 44, 52);
const cv::Scalar kRed(180, 50, 40);

// Region in pixels of the studio.
cv::Rect PixelsOf(const Region& region) {
  return {static_cast<int>(region.x * Studio::kWidth), static_cast<int>(region.y * Studio::kHeight),
          static_cast<int>(region.w * Studio::kWidth),
          static_cast<int>(region.h * Studio::kHeight)};
}

double Overlap(const Region& region, const cv::Rect& rect) {
  const cv::Rect found = PixelsOf(region);
  return static_cast<double>((found & rect).area()) / (found | rect).area();
}

std::string Told(const Studio& studio) {
  std::string text;
  for (const SelectedPair& pair : studio.selected) {
    text += std::string(Name(pair.step)) + " " + std::string(Name(pair.kind)) + " at " +
            std::to_string(pair.current->index.value_or(-1)) + "\n";
  }
  for (const SuppressedPair& pair : studio.suppressed) {
    text += "suppressed " + std::string(Name(pair.reason)) + " at " +
            std::to_string(pair.at.frame.value_or(-1)) + "\n";
  }
  return text;
}

TEST(PairSelectorTest, ReportsAThingThatWasLeft) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(room, 3);
  studio.Show(with, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  const SelectedPair& pair = studio.selected[0];
  EXPECT_EQ(pair.step, EventType::kChangeDetected);
  EXPECT_EQ(pair.kind, ChangeKind::kAdded);
  EXPECT_EQ(pair.event_id.size(), 26u);
  ASSERT_EQ(pair.regions.size(), 1u);
  EXPECT_GT(Overlap(pair.regions[0], kPlace), 0.6);
  EXPECT_LT(pair.reference->index, 12);
  EXPECT_GE(pair.current->index, 12);
  EXPECT_NEAR(pair.why.settled_s, 1, 0.6);
  EXPECT_GT(pair.why.score, 0.4);
  EXPECT_NEAR(pair.why.changed_ratio,
              kPlace.area() / static_cast<double>(Studio::kWidth * Studio::kHeight), 0.01);
}

TEST(PairSelectorTest, ReportsAThingThatWasTaken) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(with, 3);
  studio.Show(room, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kRemoved);
}

TEST(PairSelectorTest, ReportsOneEventHoweverLongTheThingStays) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(room, 3);
  studio.Show(with, 30);
  EXPECT_EQ(studio.selected.size(), 1u) << Told(studio);
}

TEST(PairSelectorTest, ResolvesTheEventWhenTheSceneIsBack) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(room, 3);
  studio.Show(with, 3);
  studio.Show(room, 3);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].step, EventType::kChangeResolved);
  EXPECT_EQ(studio.selected[1].event_id, studio.selected[0].event_id);
  // The same again is a new change.
  studio.Show(with, 3);
  ASSERT_EQ(studio.selected.size(), 3u) << Told(studio);
  EXPECT_EQ(studio.selected[2].step, EventType::kChangeDetected);
  EXPECT_NE(studio.selected[2].event_id, studio.selected[0].event_id);
}

TEST(PairSelectorTest, ResolvesARemovalWhenTheThingComesBackAFewPixelsAside) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone(), aside = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  Studio::DrawBox(aside, kPlace + cv::Point(6, 0), kRed);
  studio.Show(with, 3);
  studio.Show(room, 3);
  studio.Show(aside, 3);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].step, EventType::kChangeResolved);
}

TEST(PairSelectorTest, ADifferentThingInTheSamePlaceResolvesNothing) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone(), other = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  Studio::DrawBox(other, kPlace, {40, 60, 190});
  studio.Show(with, 3);
  studio.Show(room, 4);
  studio.Show(other, 3);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].step, EventType::kChangeDetected);
  EXPECT_EQ(studio.selected[1].kind, ChangeKind::kAdded);
}

TEST(PairSelectorTest, GivesTheSameIdForTheSameFrames) {
  std::string ids[2];
  for (std::string& id : ids) {
    Studio studio;
    cv::Mat with = Studio::Room();
    Studio::DrawBox(with, kPlace, kRed);
    studio.Show(Studio::Room(), 3);
    studio.Show(with, 3);
    ASSERT_EQ(studio.selected.size(), 1u);
    id = studio.selected[0].event_id;
  }
  EXPECT_EQ(ids[0], ids[1]);
}

TEST(PairSelectorTest, TellsAThingThatMovedFromTwoChanges) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat here = room.clone(), there = room.clone();
  Studio::DrawBox(here, kPlace, kRed);
  Studio::DrawBox(there, {40, 190, kPlace.width, kPlace.height}, kRed);
  studio.Show(here, 3);
  studio.Show(there, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kMoved);
  EXPECT_EQ(studio.selected[0].regions.size(), 2u);
}

TEST(PairSelectorTest, TellsAThingThatWasPaintedAnotherColour) {
  Studio studio;
  cv::Mat before = Studio::Room(), after = before.clone();
  Studio::DrawBox(before, kPlace, {150, 60, 60});
  Studio::DrawBox(after, kPlace, {50, 100, 70});
  studio.Show(before, 3);
  studio.Show(after, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kRecolored);
}

TEST(PairSelectorTest, TakesTwoThingsThatWentTogetherForOneChange) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, {60, 170, 40, 50}, kRed);
  Studio::DrawBox(with, {170, 170, 40, 50}, kRed);
  studio.Show(with, 3);
  studio.Show(room, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].regions.size(), 2u);
}

TEST(PairSelectorTest, TellsTheReturnOfOneOfTwoThingsAndResolvesWithTheOther) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat both = room.clone();
  Studio::DrawBox(both, {60, 170, 40, 50}, kRed);
  cv::Mat one = both.clone();
  Studio::DrawBox(both, {170, 170, 40, 50}, kRed);
  studio.Show(both, 3);
  studio.Show(room, 4);
  studio.Show(one, 4);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].step, EventType::kChangeDetected);
  EXPECT_EQ(studio.selected[1].kind, ChangeKind::kAdded);
  studio.Show(both, 4);
  ASSERT_EQ(studio.selected.size(), 3u) << Told(studio);
  EXPECT_EQ(studio.selected[2].step, EventType::kChangeResolved);
  EXPECT_EQ(studio.selected[2].event_id, studio.selected[0].event_id);
}

TEST(PairSelectorTest, ShowsTheSceneBeforeEachOfTwoChanges) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat one = room.clone();
  Studio::DrawBox(one, kPlace, kRed);
  cv::Mat two = one.clone();
  Studio::DrawBox(two, {40, 190, 44, 52}, {40, 60, 190});
  studio.Show(room, 3);
  studio.Show(one, 3);
  studio.Show(two, 3);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  // The second reference holds the first change.
  const FramePtr& reference = studio.selected[1].reference;
  EXPECT_GE(reference->index, 12);
  const std::size_t middle = 3 * ((150 + 40) * static_cast<std::size_t>(Studio::kWidth) + 180 + 22);
  EXPECT_NEAR(reference->rgb[middle], 180, 12);
  EXPECT_LT(Overlap(studio.selected[1].regions[0], kPlace), 0.01);
}

TEST(PairSelectorTest, APasserByIsNoChange) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  studio.Show(room, 3);
  studio.Play(8, [&](int i) {
    cv::Mat picture = room.clone();
    cv::ellipse(picture, {i * 16 - 20, 180}, {22, 70}, 0, 0, 360, {30, 30, 60}, cv::FILLED);
    return picture;
  });
  studio.Show(room, 3);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_GE(studio.Suppressed(SuppressionReason::kTransient), 1) << Told(studio);
}

// Somebody who stands: the body wanders by a pixel or two, and comes and goes.
cv::Mat WithPerson(const cv::Mat& room, int i) {
  cv::Mat picture = room.clone();
  const double x = 220 + 1.5 * std::sin(i * 0.9), y = 150 + 0.8 * std::sin(i * 1.7);
  const auto at = [&](double dx, double dy) {
    return cv::Point(static_cast<int>((x + dx) * 16), static_cast<int>((y + dy) * 16));
  };
  cv::ellipse(picture, at(0, 20), {26 * 16, 60 * 16}, 0, 0, 360, {50, 50, 80}, cv::FILLED,
              cv::LINE_AA, 4);
  cv::circle(picture, at(0.6 * std::sin(i * 1.3), -52), 15 * 16, {200, 160, 140}, cv::FILLED,
             cv::LINE_AA, 4);
  return picture;
}

TEST(PairSelectorTest, SomebodyWhoStandsForAWhileIsNoChange) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  studio.Show(room, 3);
  studio.Play(20, [&](int i) { return WithPerson(room, i); });
  studio.Show(room, 4);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_GE(studio.Suppressed(SuppressionReason::kTransient), 1) << Told(studio);
}

TEST(PairSelectorTest, WhoStoodThereAtTheStartIsNotMissedLater) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  studio.Play(6, [&](int i) { return WithPerson(room, i); });
  studio.Show(room, 8);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
}

TEST(PairSelectorTest, FindsWhatSomebodyLeftBehind) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, {270, 190, 44, 52}, kRed);
  studio.Show(room, 3);
  studio.Play(5, [&](int i) { return WithPerson(room, i); });
  studio.Play(5, [&](int i) { return WithPerson(with, i); });
  studio.Show(with, 8);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_GT(Overlap(studio.selected[0].regions[0], {270, 190, 44, 52}), 0.5);
}

TEST(PairSelectorTest, AStepOfExposureIsNoChange) {
  for (const double gain : {0.6, 0.8, 1.25, 1.4}) {
    Studio studio;
    const cv::Mat room = Gained(Studio::Room(), 0.9);
    studio.Show(room, 3);
    studio.Show(Gained(room, gain), 6);
    EXPECT_TRUE(studio.selected.empty()) << gain << "\n" << Told(studio);
  }
}

TEST(PairSelectorTest, LightFromOneSideIsNoChange) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat shade(room.size(), CV_32F);
  for (int row = 0; row < shade.rows; ++row) {
    for (int i = 0; i < shade.cols; ++i) {
      shade.at<float>(row, i) =
          0.55f + 0.6f * static_cast<float>(i) / static_cast<float>(shade.cols);
    }
  }
  studio.Show(room, 3);
  studio.Show(Shaded(room, shade), 6);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
}

TEST(PairSelectorTest, ASoftShadowIsLight) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat shade(room.size(), CV_32F, cv::Scalar(1));
  cv::ellipse(shade, {150, 160}, {60, 45}, 0, 0, 360, cv::Scalar(0.6), cv::FILLED);
  cv::GaussianBlur(shade, shade, {0, 0}, 12);
  studio.Show(room, 3);
  studio.Show(Shaded(room, shade), 4);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_GE(studio.Suppressed(SuppressionReason::kIllumination), 1) << Told(studio);
}

TEST(PairSelectorTest, ASharpShadowOnATexturedFloorIsLight) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat shade(room.size(), CV_32F, cv::Scalar(1));
  cv::rectangle(shade, {120, 195, 120, 50}, cv::Scalar(0.65), cv::FILLED);
  cv::GaussianBlur(shade, shade, {0, 0}, 1.5);
  studio.Show(room, 3);
  studio.Show(Shaded(room, shade), 4);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_GE(studio.Suppressed(SuppressionReason::kIllumination), 1) << Told(studio);
}

TEST(PairSelectorTest, AShakingCameraIsNoChange) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  studio.Show(room, 3);
  cv::RNG random(3);
  studio.Play(
      10, [&](int) { return Shifted(room, random.uniform(-4.0, 4.0), random.uniform(-3.0, 3.0)); });
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
}

TEST(PairSelectorTest, FindsAChangeUnderAShakingCamera) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(room, 3);
  cv::RNG random(3);
  studio.Play(6, [&](int) {
    const double x = random.uniform(-2.5, 2.5), y = random.uniform(-2.0, 2.0);
    return Shifted(with, x, y);
  });
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_GT(Overlap(studio.selected[0].regions[0], kPlace), 0.5);
  EXPECT_GT(studio.selected[0].why.aligned_px, 0);
}

TEST(PairSelectorTest, NoiseIsNoChange) {
  Studio studio;
  studio.Show(Studio::Room(), 10, 9);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
}

TEST(PairSelectorTest, WaitsWhereSomethingNeverComesToRest) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::RNG random(5);
  const auto leaves = [&](int) {
    cv::Mat picture = room.clone();
    for (int leaf = 0; leaf < 60; ++leaf) {
      cv::circle(picture, {random.uniform(20, 160), random.uniform(20, 140)}, 7, {40, 110, 50},
                 cv::FILLED);
    }
    return picture;
  };
  studio.Play(15, leaves);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  // Elsewhere the selector is as awake as ever.
  studio.Play(3, [&](int i) {
    cv::Mat picture = leaves(i);
    Studio::DrawBox(picture, {270, 190, 44, 52}, kRed);
    return picture;
  });
  EXPECT_EQ(studio.selected.size(), 1u) << Told(studio);
}

TEST(PairSelectorTest, AThingNudgedByAFewPixelsIsTooSmallAChange) {
  Studio studio;
  cv::Mat before = Studio::Room(), after = before.clone();
  Studio::DrawBox(before, {180, 60, 44, 52}, kRed);
  Studio::DrawBox(after, {184, 60, 44, 52}, kRed);
  studio.Show(before, 3);
  studio.Show(after, 5);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_GE(studio.Suppressed(SuppressionReason::kTooSmall), 1) << Told(studio);
}

TEST(PairSelectorTest, AChangeBelowTheSmallestAreaIsTooSmall) {
  Studio studio({.interval = std::chrono::milliseconds(250),
                 .settle = std::chrono::milliseconds(1000),
                 .min_area = 0.02});
  cv::Mat with = Studio::Room();
  Studio::DrawBox(with, {180, 180, 30, 30}, kRed);
  studio.Show(Studio::Room(), 3);
  studio.Show(with, 6);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_EQ(studio.Suppressed(SuppressionReason::kTooSmall), 1) << Told(studio);
}

TEST(PairSelectorTest, AChangeInAnIgnoredPlaceIsMasked) {
  Studio studio({.interval = std::chrono::milliseconds(250),
                 .settle = std::chrono::milliseconds(1000),
                 .ignore = {{{0.3, 0.5}, {0.6, 0.5}, {0.6, 1}, {0.3, 1}}}});
  cv::Mat with = Studio::Room();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(Studio::Room(), 3);
  studio.Show(with, 4);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  EXPECT_EQ(studio.Suppressed(SuppressionReason::kMasked), 1) << Told(studio);
}

TEST(PairSelectorTest, SensitivityDecidesAboutAFaintChange) {
  std::size_t found[2];
  for (const int sensitivity : {20, 90}) {
    Studio studio({.interval = std::chrono::milliseconds(250),
                   .settle = std::chrono::milliseconds(1000),
                   .sensitivity = sensitivity});
    const cv::Mat room = Studio::Room();
    cv::Mat with = room.clone();
    cv::rectangle(with, {200, 60, 60, 60}, {158, 154, 146}, cv::FILLED);
    studio.Show(room, 3, 1);
    studio.Show(with, 4, 1);
    found[sensitivity == 90] = studio.selected.size();
  }
  EXPECT_EQ(found[0], 0u);
  EXPECT_EQ(found[1], 1u);
}

TEST(PairSelectorTest, AnotherViewIsNoChangeOfTheSceneAndBecomesTheReference) {
  Studio studio;
  cv::Mat other;
  cv::flip(Studio::Room(), other, -1);
  cv::Mat with = other.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(Studio::Room(), 3);
  studio.Show(other, 12);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].step, EventType::kCameraMoved);
  studio.Show(with, 3);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].step, EventType::kChangeDetected);
}

TEST(PairSelectorTest, FindsWhatWentWhileTheViewWasAnother) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone(), other;
  Studio::DrawBox(with, kPlace, kRed);
  cv::flip(room, other, -1);
  studio.Show(with, 4);
  studio.Show(other, 5);
  studio.Show(room, 6);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kRemoved);
}

TEST(PairSelectorTest, FindsAChangeAfterTheLightHasDrifted) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Play(20, [&](int i) { return Gained(room, 0.5 + 0.5 * i / 80); });
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  studio.Show(with, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  studio.Play(10, [&](int i) { return Gained(with, 1 - 0.5 * i / 40); });
  studio.Show(Gained(room, 0.5), 3);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].step, EventType::kChangeResolved);
}

TEST(PairSelectorTest, FinishGivesWhatHasBeenStillForHalfTheTime) {
  Studio studio(
      {.interval = std::chrono::milliseconds(500), .settle = std::chrono::milliseconds(4000)});
  cv::Mat with = Studio::Room();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(Studio::Room(), 8);
  studio.Show(with, 3);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  studio.Finish();
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_NEAR(studio.selected[0].why.settled_s, 3, 0.6);
}

TEST(PairSelectorTest, WorksOnSeriesOfPicturesMinutesApart) {
  Studio studio({.interval = std::chrono::minutes(5), .settle = std::chrono::seconds(8)});
  const cv::Mat room = Studio::Room();
  cv::Mat with = room.clone(), passing = room.clone();
  Studio::DrawBox(with, kPlace, kRed);
  Studio::DrawBox(passing, {60, 180, 60, 60}, {40, 60, 190});
  studio.Show(room, 1200);
  studio.Show(passing, 300);  // In one picture only.
  studio.Show(room, 600);
  studio.Show(with, 900);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kAdded);
}

// Pictures five minutes apart, and nobody has told the selector so.
TEST(PairSelectorTest, NoticesThatItsSamplesAreASeriesOfPictures) {
  Studio studio({.interval = std::chrono::seconds(2), .settle = std::chrono::seconds(8)});
  cv::Mat one = Studio::Room();
  Studio::DrawBox(one, kPlace, kRed);
  cv::Mat two = one.clone();
  // Beside the first: what came later does not hold it back.
  Studio::DrawBox(two, kPlace + cv::Point(54, 0), {40, 60, 190});
  int picture = 0;
  const auto show = [&](const cv::Mat& room) {
    studio.StartAt(std::chrono::minutes(5) * picture++);
    studio.Push(room);
  };
  show(Studio::Room());
  show(one);
  show(two);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_GT(Overlap(studio.selected[0].regions[0], kPlace), 0.5);
  show(two);
  ASSERT_EQ(studio.selected.size(), 2u) << Told(studio);
  EXPECT_EQ(studio.selected[1].kind, ChangeKind::kAdded);
  // Nobody who passes takes a thing away: that needs no second picture.
  show(one);
  ASSERT_EQ(studio.selected.size(), 3u) << Told(studio);
  EXPECT_EQ(studio.selected[2].step, EventType::kChangeResolved);
  EXPECT_EQ(studio.selected[2].event_id, studio.selected[1].event_id);
}

TEST(PairSelectorTest, OneStallOfAStreamIsNoSeries) {
  Studio studio;
  cv::Mat with = Studio::Room();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(Studio::Room(), 4);
  studio.StartAt(studio.Now() + std::chrono::minutes(10));
  studio.Push(with);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  studio.Show(with, 3);
  EXPECT_EQ(studio.selected.size(), 1u) << Told(studio);
}

TEST(PairSelectorTest, ResetForgetsSceneAndOpenChanges) {
  Studio studio;
  cv::Mat with = Studio::Room();
  Studio::DrawBox(with, kPlace, kRed);
  studio.Show(Studio::Room(), 3);
  studio.Show(with, 3);
  studio.selector().Reset();
  studio.selected.clear();
  studio.Show(Studio::Room(), 4);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
}

TEST(PairSelectorTest, ANewSizeStartsANewReference) {
  Studio studio;
  cv::Mat small, with = Studio::Room();
  Studio::DrawBox(with, kPlace, kRed);
  cv::resize(with, small, {}, 0.5, 0.5, cv::INTER_AREA);
  studio.Show(Studio::Room(), 3);
  studio.Show(small, 4);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
  cv::resize(Studio::Room(), small, {}, 0.5, 0.5, cv::INTER_AREA);
  studio.Show(small, 3);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kRemoved);
  EXPECT_EQ(studio.selected[0].reference->width, small.cols);
}

TEST(PairSelectorTest, IgnoresFramesThatCannotBeCompared) {
  auto selector = PairSelector::Create({}, "door").value();
  const cv::Mat room = Studio::Room();
  const auto good = FrameOf(room, 0, std::chrono::seconds(10));
  EXPECT_TRUE(selector->Push(nullptr).selected.empty());
  (void)selector->Push(good);
  (void)selector->Push(good);                                       // Again.
  (void)selector->Push(FrameOf(room, 1, std::chrono::seconds(5)));  // Late.
  (void)selector->Push(FrameOf(cv::Mat(1, 1, CV_8UC3), 2, std::chrono::seconds(12)));
  (void)selector->Push(FrameOf(cv::Mat(2, 900, CV_8UC3), 3, std::chrono::seconds(14)));
  (void)selector->Push(FrameOf(cv::Mat(18, 9000, CV_8UC3), 4, std::chrono::seconds(15)));
  auto torn = std::make_shared<Frame>(*FrameOf(room, 5, std::chrono::seconds(16)));
  torn->rgb.pop_back();
  (void)selector->Push(torn);
  auto empty = std::make_shared<Frame>();
  empty->captured_at = good->captured_at + std::chrono::seconds(18);
  (void)selector->Push(empty);
  auto negative = std::make_shared<Frame>(*FrameOf(room, 6, std::chrono::seconds(20)));
  negative->width = -negative->width;
  negative->height = -negative->height;
  (void)selector->Push(negative);
  EXPECT_EQ(selector->stats().ignored, 9u);
  EXPECT_EQ(selector->stats().pushed, 1u);
}

TEST(PairSelectorTest, GoesOnAfterTheClockWasSetBack) {
  auto selector = PairSelector::Create({}, "door").value();
  const cv::Mat room = Studio::Room();
  (void)selector->Push(FrameOf(room, 0, std::chrono::hours(5)));
  for (int i = 0; i < 50; ++i) {
    (void)selector->Push(FrameOf(room, i + 1, std::chrono::seconds(2 * i)));
  }
  EXPECT_LT(selector->stats().ignored, 40u);
}

TEST(PairSelectorTest, BlackAndFlatPicturesAreNoChange) {
  for (const int level : {0, 128, 255}) {
    Studio studio;
    const cv::Mat flat(Studio::kHeight, Studio::kWidth, CV_8UC3, cv::Scalar::all(level));
    studio.Show(flat, 5, 0);
    studio.Show(flat, 3, 3);
    EXPECT_TRUE(studio.selected.empty()) << level << "\n" << Told(studio);
  }
}

TEST(PairSelectorTest, AThingOnAFlatPictureIsFound) {
  Studio studio;
  const cv::Mat flat(Studio::kHeight, Studio::kWidth, CV_8UC3, cv::Scalar::all(128));
  cv::Mat with = flat.clone();
  cv::rectangle(with, kPlace, {200, 200, 200}, cv::FILLED);
  studio.Show(flat, 3, 0);
  studio.Show(with, 3, 0);
  ASSERT_EQ(studio.selected.size(), 1u) << Told(studio);
  EXPECT_EQ(studio.selected[0].kind, ChangeKind::kAdded);
  EXPECT_TRUE(std::isfinite(studio.selected[0].why.score));
}

TEST(PairSelectorTest, LightsOutAndOnAgainIsNoChange) {
  Studio studio;
  const cv::Mat room = Studio::Room();
  const cv::Mat black(room.size(), CV_8UC3, cv::Scalar::all(0));
  studio.Show(room, 3);
  studio.Show(black, 6);
  studio.Show(room, 6);
  EXPECT_TRUE(studio.selected.empty()) << Told(studio);
}

TEST(PairSelectorTest, RefusesAPolicyThatCannotWork) {
  const auto refused = [](const PairPolicy& policy) {
    const auto selector = PairSelector::Create(policy, "door");
    return selector.has_value() ? std::string("accepted") : selector.error().message();
  };
  using std::chrono::milliseconds;
  EXPECT_NE(refused({.interval = milliseconds(0)}).find("interval"), std::string::npos);
  EXPECT_NE(refused({.settle = milliseconds(-1)}).find("settle"), std::string::npos);
  EXPECT_NE(refused({.min_area = 0}).find("min_area"), std::string::npos);
  EXPECT_NE(refused({.min_area = std::nan("")}).find("min_area"), std::string::npos);
  EXPECT_NE(refused({.sensitivity = 101}).find("sensitivity"), std::string::npos);
  EXPECT_NE(refused({.ignore = {{{0, 0}, {1, 1}}}}).find("ignore"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::select
