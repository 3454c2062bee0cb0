#include "pipeline/clips/maker.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace stillwatch::clips {
namespace {

using data::Image;
using nlohmann::json;

struct Made {
  std::vector<Image> frames;
  json truth;
};

const Scenery& Drawn() {
  static const Scenery kScenery = *Scenery::Load("");
  return kScenery;
}

// A quiet camera: no noise, no automatic exposure.
Made Make(const std::string& acts, const std::string& more = "") {
  const std::string text = R"({"name": "t", "width": 160, "height": 90, "fps": 2, "seconds": 20,
    "background": "made:3", "noise": 0, "exposure": 0, "settle": "2s")" +
                           more + R"(, "acts": [)" + acts + "]}";
  const auto script = ParseScript(text, "test");
  EXPECT_TRUE(script.has_value()) << script.error().message();
  auto maker = ClipMaker::Create(*script, Drawn());
  EXPECT_TRUE(maker.has_value()) << maker.error().message();
  Made made;
  for (Image frame = (*maker)->Next(); !frame.empty(); frame = (*maker)->Next()) {
    made.frames.push_back(std::move(frame));
  }
  made.truth = json::parse((*maker)->TruthJson("t.mp4"));
  return made;
}

// Pixels that differ by more than `least` outside [x, y, w, h] grown by `room`.
int Differing(const Image& a, const Image& b, const json& box, int room, int least = 2) {
  int count = 0;
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      if (!box.is_null() && x >= box[0].get<int>() - room &&
          x < box[0].get<int>() + box[2].get<int>() + room && y >= box[1].get<int>() - room &&
          y < box[1].get<int>() + box[3].get<int>() + room) {
        continue;
      }
      const auto at = static_cast<std::size_t>(y * a.width + x) * 3;
      int most = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        most = std::max(most, std::abs(int{a.bytes[at + k]} - int{b.bytes[at + k]}));
      }
      count += most > least;
    }
  }
  return count;
}

double Mean(const Image& image) {
  double sum = 0;
  for (const std::uint8_t byte : image.bytes) sum += byte;
  return sum / static_cast<double>(image.bytes.size());
}

constexpr const char* kLeaveBox =
    R"({"do": "leave", "at": 5, "id": 1, "object": "drawn_box", "x": 0.5, "y": 0.85})";

TEST(MakerTest, TheSameScriptGivesTheSamePictures) {
  const std::string acts = std::string(kLeaveBox) +
                           R"(, {"do": "pass", "at": 2}, {"do": "rain"}, {"do": "cloud"},
                              {"do": "shake"}, {"do": "leaves"}, {"do": "insects"})";
  const Made one = Make(acts, R"(, "seed": 5)"), two = Make(acts, R"(, "seed": 5)");
  ASSERT_EQ(one.frames.size(), 40U);
  for (std::size_t i = 0; i < one.frames.size(); ++i) {
    EXPECT_EQ(one.frames[i].bytes, two.frames[i].bytes) << "frame " << i;
  }
  EXPECT_EQ(one.truth, two.truth);
  const Made other = Make(acts, R"(, "seed": 6)");
  EXPECT_NE(one.frames[20].bytes, other.frames[20].bytes);
}

TEST(MakerTest, NothingChangesOutsideTheListedBox) {
  const Made made = Make(kLeaveBox);
  const json& change = made.truth["changes"][0];
  EXPECT_EQ(change["kind"], "added");
  EXPECT_EQ(change["span"], json({10, 10}));  // 5 s at two frames a second.
  // The shadow reaches a little beyond the thing.
  EXPECT_EQ(Differing(made.frames[9], made.frames[10], change["bbox"], 8), 0);
  EXPECT_GT(Differing(made.frames[9], made.frames[10], nullptr, 0, 15), 60);
  EXPECT_EQ(Differing(made.frames[0], made.frames[9], nullptr, 0, 0), 0);
  EXPECT_EQ(Differing(made.frames[10], made.frames[39], nullptr, 0, 0), 0);
}

TEST(MakerTest, WhatIsTakenLeavesTheBackground) {
  const Made made = Make(std::string(kLeaveBox) + R"(, {"do": "take", "at": 12, "id": 1})");
  EXPECT_EQ(made.truth["changes"][1]["kind"], "removed");
  EXPECT_EQ(made.truth["changes"][1]["bbox"], made.truth["changes"][0]["bbox"]);
  EXPECT_EQ(made.frames[0].bytes, made.frames[39].bytes);
}

TEST(MakerTest, WhatIsMovedHasTwoParts) {
  const Made made = Make(R"({"do": "stand", "id": 1, "object": "drawn_bag", "x": 0.3, "y": 0.8},
                            {"do": "move", "at": 10, "id": 1, "x": 0.7})");
  ASSERT_EQ(made.truth["changes"].size(), 1U);
  const json& change = made.truth["changes"][0];
  EXPECT_EQ(change["kind"], "moved");
  ASSERT_EQ(change["parts"].size(), 2U);
  EXPECT_LT(change["parts"][0][0].get<int>(), 60);
  EXPECT_GT(change["parts"][1][0].get<int>(), 90);
  EXPECT_EQ(Differing(made.frames[0], made.frames[39], change["bbox"], 8), 0);
}

TEST(MakerTest, TheSpanLastsWhileSomebodyStandsThere) {
  const Made made = Make(R"({"do": "leave", "at": 8, "id": 1, "object": "drawn_box", "x": 0.5,
                             "y": 0.85, "by": "any", "from": "left"})");
  const json& change = made.truth["changes"][0];
  const int first = change["span"][0], last = change["span"][1];
  EXPECT_LT(first, 16);
  EXPECT_GT(last, 16);
  const json nowhere;
  EXPECT_GT(Differing(made.frames[0], made.frames[16], nowhere, 0, 15), 60);
  // Nobody is at the place any more: it looks as it will look at the end.
  const json& box = change["bbox"];
  int differing = 0;
  for (int y = box[1]; y < box[1].get<int>() + box[3].get<int>(); ++y) {
    for (int x = box[0]; x < box[0].get<int>() + box[2].get<int>(); ++x) {
      const auto at = static_cast<std::size_t>(y * 160 + x) * 3;
      const auto& now = made.frames[static_cast<std::size_t>(last)].bytes;
      differing += std::abs(int{now[at]} - int{made.frames[39].bytes[at]}) > 2;
    }
  }
  EXPECT_EQ(differing, 0);
}

TEST(MakerTest, ACrowdBeforeAThingPutsOffWhenItCanBeSeen) {
  const Made made = Make(R"({"do": "crowd", "at": 0, "for": 35, "x": 0.5, "y": 0.95,
                             "people": 6, "spread": 0.06},
                            {"do": "leave", "at": 15, "id": 1, "object": "drawn_box", "x": 0.5,
                             "y": 0.85})",
                         R"(, "seconds": 60)");
  const json& change = made.truth["changes"][0];
  ASSERT_TRUE(change.contains("clear_from"));
  EXPECT_GT(change["clear_from"].get<int>(), 30);
  EXPECT_LT(change["clear_from"].get<int>(), 119);
}

TEST(MakerTest, ALampMakesThePictureBrighterAndNothingIsListed) {
  const Made made = Make(R"({"do": "lamp", "at": 5, "for": 5, "strength": 1})");
  EXPECT_TRUE(made.truth["changes"].empty());
  EXPECT_GT(Mean(made.frames[15]), Mean(made.frames[0]) + 5);
  EXPECT_EQ(made.frames[0].bytes, made.frames[39].bytes);
}

TEST(MakerTest, ABumpIsListedOnceWhenItIsLargeEnough) {
  const Made large = Make(R"({"do": "bump", "at": 5, "degrees": 6})", R"(, "margin": 0.15)");
  ASSERT_EQ(large.truth["camera"].size(), 1U);
  EXPECT_EQ(large.truth["camera"][0]["type"], "moved");
  EXPECT_EQ(large.truth["camera"][0]["span"], json({10, 11}));
  EXPECT_GT(Differing(large.frames[0], large.frames[39], nullptr, 0, 10), 500);
  EXPECT_TRUE(Make(R"({"do": "bump", "at": 5, "degrees": 1})").truth["camera"].empty());
}

TEST(MakerTest, BoxesFollowATurnedCamera) {
  const std::string later =
      R"({"do": "leave", "at": 12, "id": 1, "object": "drawn_box", "x": 0.4, "y": 0.85})";
  const Made still = Make(later);
  const Made turned = Make(R"({"do": "bump", "at": 5, "degrees": 6, "toward": 0}, )" + later,
                           R"(, "margin": 0.15)");
  const int shift = turned.truth["changes"][0]["bbox"][0].get<int>() -
                    still.truth["changes"][0]["bbox"][0].get<int>();
  EXPECT_NEAR(shift, 16, 2);  // A tenth of 160 pixels.
  EXPECT_EQ(Differing(turned.frames[23], turned.frames[39], turned.truth["changes"][0]["bbox"], 8),
            0);
}

TEST(MakerTest, AFrozenPictureIsTheSameByteForByte) {
  const Made made = Make(R"({"do": "pass", "at": 0, "for": 20},
                            {"do": "freeze", "at": 5, "for": 11})",
                         R"(, "noise": 3)");
  EXPECT_EQ(made.truth["camera"][0]["type"], "frozen");
  EXPECT_EQ(made.frames[9].bytes, made.frames[20].bytes);
  EXPECT_NE(made.frames[9].bytes, made.frames[33].bytes);
}

TEST(MakerTest, EveryTroubleIsListedWithItsType) {
  const struct {
    const char* acts;
    const char* type;
  } kCases[] = {{R"({"do": "cover", "at": 4, "for": 10})", "obstructed"},
                {R"({"do": "spray", "at": 4, "for": 10})", "obstructed"},
                {R"({"do": "defocus", "at": 4, "for": 10, "strength": 6})", "defocused"},
                {R"({"do": "dark", "at": 4, "for": 10})", "dark"},
                {R"({"do": "bright", "at": 4, "for": 10})", "bright"},
                {R"({"do": "zoom", "at": 4})", "moved"}};
  for (const auto& each : kCases) {
    const Made made = Make(each.acts);
    ASSERT_EQ(made.truth["camera"].size(), 1U) << each.acts;
    EXPECT_EQ(made.truth["camera"][0]["type"], each.type);
    EXPECT_EQ(made.truth["camera"][0]["span"][0], 8);
    EXPECT_GT(Differing(made.frames[0], made.frames[20], nullptr, 0, 4), 500) << each.acts;
  }
}

TEST(MakerTest, AThingThatIsNotThereIsNamed) {
  const auto script =
      ParseScript(R"({"acts": [{"do": "leave", "id": 1, "object": "unicorn"}]})", "test");
  const auto maker = ClipMaker::Create(*script, Drawn());
  ASSERT_FALSE(maker.has_value());
  EXPECT_EQ(maker.error().code(), StatusCode::kNotFound);
  EXPECT_NE(maker.error().message().find("unicorn"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::clips
