#include "pipeline/bench/clip_set.h"

#include <fstream>

#include <gtest/gtest.h>

namespace stillwatch::bench {
namespace {

namespace fs = std::filesystem;

// A folder of the test's own, emptied before and after.
class ClipSetTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ =
        fs::path(testing::TempDir()) /
        ("clip_set_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  fs::path root_;
};

constexpr const char* kTruth = R"({"width": 64, "height": 36, "changes": [], "media": "a.mp4",
  "settings": {"interval": "500ms", "settle": "3s"}})";

TEST_F(ClipSetTest, AFolderIsItsTruthFilesAtAnyDepth) {
  Write("light/a.mp4", "x");
  Write("light/a.truth.json", kTruth);
  Write("park/1366030801.jpg", "x");
  Write("park/occupancy.json", R"({"spots": {}, "frames": []})");
  Write("park/truth.json", R"({"width": 1280, "height": 720})");
  Write("tree/frames/0.png", "x");
  Write("tree/truth.json", R"({"width": 64, "height": 36, "changes": []})");
  const auto set = LoadClipSet(root_);
  ASSERT_TRUE(set.has_value()) << set.error().message();
  ASSERT_EQ(set->clips.size(), 3U);
  EXPECT_EQ(set->clips[0].name, "light/a");
  EXPECT_EQ(set->clips[0].suite, "light");
  EXPECT_EQ(set->clips[0].settings.interval, std::chrono::milliseconds(500));
  EXPECT_TRUE(set->clips[1].bays.has_value());
  EXPECT_FALSE(set->clips[1].truth.has_value());
  EXPECT_EQ(set->clips[2].media, root_ / "tree/frames");
}

TEST_F(ClipSetTest, AListGoesBeforeTheTruthFile) {
  Write("clips/a.mp4", "x");
  Write("clips/a.truth.json", kTruth);
  Write("clips/b.mp4", "x");
  Write("sets/list.json", R"({"name": "mine", "base": "../clips", "clips": [
    {"media": "a.mp4", "truth": "a.truth.json", "settle": "1s", "suite": "one"},
    {"media": "b.mp4", "unchanged": true, "frame_interval": "5min"},
    {"media": "b.mp4", "name": "unjudged"}]})");
  const auto set = LoadClipSet(root_ / "sets/list.json");
  ASSERT_TRUE(set.has_value()) << set.error().message();
  EXPECT_EQ(set->name, "mine");
  ASSERT_EQ(set->clips.size(), 3U);
  EXPECT_EQ(set->clips[0].settings.interval, std::chrono::milliseconds(500));
  EXPECT_EQ(set->clips[0].settings.settle, std::chrono::seconds(1));
  ASSERT_TRUE(set->clips[1].truth.has_value());
  EXPECT_TRUE(set->clips[1].truth->changes.empty());
  EXPECT_EQ(set->clips[1].settings.frame_interval, std::chrono::minutes(5));
  EXPECT_FALSE(set->clips[2].truth.has_value());
}

TEST_F(ClipSetTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(LoadClipSet(root_ / "nowhere").error().code(), StatusCode::kNotFound);
  EXPECT_EQ(LoadClipSet(root_).error().code(), StatusCode::kInvalidArgument);
  Write("list.json", "{\"clips\": 3}");
  EXPECT_EQ(LoadClipSet(root_ / "list.json").error().code(), StatusCode::kDataLoss);
  Write("list.json", R"({"clips": [{"media": "gone.mp4"}]})");
  const auto gone = LoadClipSet(root_ / "list.json");
  EXPECT_EQ(gone.error().code(), StatusCode::kNotFound);
  EXPECT_NE(gone.error().message().find("gone.mp4"), std::string::npos);
  Write("a.truth.json", kTruth);
  EXPECT_NE(LoadClipSet(root_).error().message().find("a.mp4"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::bench
