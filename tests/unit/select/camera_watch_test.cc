// Trouble with the camera: told once, of the right type, in time, and with no change beside it.

#include "pipeline/select/camera_watch.h"

#include <gtest/gtest.h>

#include "tests/unit/select/studio.h"

namespace stillwatch::select {
namespace {

PairPolicy Policy() {
  return {.interval = std::chrono::milliseconds(1000), .settle = std::chrono::milliseconds(4000)};
}

// What was told, by name, in order.
std::vector<std::string> Told(const Studio& studio) {
  std::vector<std::string> names;
  for (const SelectedPair& pair : studio.selected) names.emplace_back(Name(pair.step));
  return names;
}

using Names = std::vector<std::string>;

cv::Mat Blurred(const cv::Mat& picture) {
  cv::Mat blurred;
  cv::GaussianBlur(picture, blurred, {0, 0}, 8);
  return blurred;
}

TEST(CameraWatchTest, TellsTroubleOnceAndWhenItIsOver) {
  const cv::Mat room = Studio::Room();
  const struct {
    const char* name;
    cv::Mat picture;
  } kCases[] = {
      {"camera.dark", Gained(room, 0.05)},
      {"camera.bright", Gained(room, 3)},
      {"camera.defocused", Blurred(room)},
      {"camera.obstructed", cv::Mat(room.size(), CV_8UC3, cv::Scalar(70, 60, 50))},
  };
  for (const auto& c : kCases) {
    Studio studio(Policy());
    studio.Show(room, 25);
    const auto onset = studio.Now();
    studio.Show(c.picture, 40);
    ASSERT_EQ(Told(studio), Names{c.name});
    EXPECT_LE(studio.selected[0].current->pts.value() - onset, std::chrono::seconds(30)) << c.name;
    EXPECT_LT(studio.selected[0].reference->pts.value(), onset) << c.name;
    studio.Show(room, 25);
    ASSERT_EQ(Told(studio), (Names{c.name, "camera.recovered"}));
    EXPECT_EQ(studio.selected[1].event_id, studio.selected[0].event_id);
  }
}

TEST(CameraWatchTest, ACameraThatWasTurnedIsToldOnceAndLearnsItsNewView) {
  Studio studio(Policy());
  const cv::Mat room = Studio::Room();
  const cv::Mat turned = Shifted(room, 30, 14);
  cv::Mat with = turned.clone();
  Studio::DrawBox(with, {120, 190, 44, 52}, {180, 50, 40});
  studio.Show(room, 25);
  studio.Show(turned, 50);
  ASSERT_EQ(Told(studio), Names{"camera.moved"});
  EXPECT_NEAR(studio.selected[0].why.aligned_px, std::hypot(30, 14), 4);
  studio.Show(with, 12);
  EXPECT_EQ(Told(studio), (Names{"camera.moved", "change.detected"}));
}

TEST(CameraWatchTest, ShakeSlowLightAndPassersByAreNoTrouble) {
  const cv::Mat room = Studio::Room();
  Studio studio(Policy());
  studio.Show(room, 25);
  cv::RNG random(3);
  studio.Play(
      40, [&](int) { return Shifted(room, random.uniform(-4.0, 4.0), random.uniform(-3.0, 3.0)); });
  // Night falls within two minutes; a person fills a third of the picture meanwhile.
  studio.Play(120, [&](int i) {
    cv::Mat picture = Gained(room, 1 - 0.6 * i / 120);
    if (i % 20 < 3) cv::rectangle(picture, {i, 20, 160, 250}, {30, 30, 60}, cv::FILLED);
    return picture;
  });
  EXPECT_EQ(Told(studio), Names{});
}

TEST(CameraWatchTest, APictureThatStandsStillToTheLastBitIsFrozen) {
  Studio studio(Policy());
  const cv::Mat room = Studio::Room();
  studio.Show(room, 30);
  studio.Show(room, 20, 0);  // No noise any more.
  EXPECT_EQ(Told(studio), Names{"camera.frozen"});
  studio.Show(room, 10);
  EXPECT_EQ(Told(studio), (Names{"camera.frozen", "camera.recovered"}));
  // A camera that never had any noise.
  Studio quiet(Policy());
  quiet.Show(room, 60, 0);
  EXPECT_EQ(Told(quiet), Names{});
}

}  // namespace
}  // namespace stillwatch::select
