#include "pipeline/score/truth.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace stillwatch::score {
namespace {

const std::string kGood = R"({"media": "door.mp4", "width": 640, "height": 360, "fps": 25.0,
 "frame_count": 500, "note": "a note", "changes": [
  {"id": 2, "kind": "removed", "object": "bag", "span": [200, 240], "bbox": [320, 180, 64, 36],
   "caption": "The bag is gone."},
  {"id": 1, "kind": "added", "span": [10, 20], "bbox": [0, 0, 320, 180],
   "parts": [[0, 0, 32, 18], [160, 90, 160, 90]]}]})";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kGood;
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(TruthTest, ReadsChangesInTheOrderOfTheirSpans) {
  const auto truth = ParseTruth(kGood, "door.truth.json");
  ASSERT_TRUE(truth) << truth.error().message();
  EXPECT_EQ(truth->media, "door.mp4");
  EXPECT_EQ(truth->fps, 25);
  ASSERT_EQ(truth->changes.size(), 2u);
  EXPECT_EQ(truth->changes[0].id, 1);
  EXPECT_EQ(truth->changes[0].kind, ChangeKind::kAdded);
  ASSERT_EQ(truth->changes[0].parts.size(), 2u);
  EXPECT_EQ(truth->changes[0].parts[1], (Region{0.25, 0.25, 0.25, 0.25}));
  EXPECT_EQ(truth->changes[1].box, (Region{0.5, 0.5, 0.1, 0.1}));
  EXPECT_EQ(truth->changes[1].last_frame, 240);
  EXPECT_EQ(truth->changes[1].caption, "The bag is gone.");
}

TEST(TruthTest, ReadsAFileWithoutRateAndWithoutChanges) {
  const auto truth = ParseTruth(R"({"width": 160, "height": 120, "changes": []})", "trees");
  ASSERT_TRUE(truth) << truth.error().message();
  EXPECT_EQ(truth->fps, 0);
  EXPECT_TRUE(truth->changes.empty());
}

TEST(TruthTest, NamesTheFileAndTheKeyThatIsWrong) {
  const struct {
    std::string text, says;
  } cases[] = {
      {"", "not a truth file"},
      {"[1, 2]", "the file: must hold one JSON object"},
      {"{\"width\": 640", "not a truth file"},
      {With("\"width\": 640", "\"width\": \"wide\""), "width: must be a number"},
      {With("\"width\": 640, ", ""), "width: missing"},
      {With("\"height\": 360", "\"height\": 0"), "height: must be within"},
      {With("\"fps\": 25.0", "\"fps\": -1"), "fps: must be within"},
      {With("\"media\": \"door.mp4\"", "\"media\": 7"), "media: must be a text"},
      {With("\"changes\": [", "\"changed\": ["), "changes: missing"},
      {R"({"width": 1, "height": 1, "changes": {}})", "changes: must be a list"},
      {R"({"width": 1, "height": 1, "changes": [3]})", "changes[0]: must be an object"},
      {With("\"id\": 2, ", ""), "changes[0].id: missing"},
      {With("\"removed\"", "\"stolen\""), "changes[0].kind: must be a kind of change"},
      {With("[200, 240]", "[240, 200]"), "changes[0].span: must be [first, last]"},
      {With("[200, 240]", "[200]"), "changes[0].span: must be [first, last]"},
      {With("[200, 240]", "[2.5, 240]"), "changes[0].span: must be [first, last]"},
      {With("[320, 180, 64, 36]", "[320, 180, 64]"), "changes[0].bbox: must be [x, y, width"},
      {With("[320, 180, 64, 36]", "[600, 180, 64, 36]"), "changes[0].bbox: must lie in"},
      {With("[320, 180, 64, 36]", "[320, 180, 0, 36]"), "changes[0].bbox: must lie in"},
      {With("[[0, 0, 32, 18],", "[7,"), "changes[1].parts[0]: must be [x, y, width"},
      {With("[[0, 0, 32, 18], [160, 90, 160, 90]]", "5"), "changes[1].parts: must be a list"},
  };
  for (const auto& one : cases) {
    const auto truth = ParseTruth(one.text, "door.truth.json");
    ASSERT_FALSE(truth) << one.text;
    EXPECT_EQ(truth.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(truth.error().message().find("door.truth.json: " + one.says), std::string::npos)
        << truth.error().message();
  }
}

TEST(TruthTest, ReadsCameraEventsAndSettings) {
  const auto truth = ParseTruth(R"({"width": 64, "height": 36, "changes": [],
    "camera": [{"type": "obstructed", "also": ["dark"], "span": [50, 90], "onset": 52},
               {"type": "moved", "span": [10, 12]}],
    "settings": {"interval": "250ms", "settle": "1s", "frame_interval": "5min"}})",
                                "clip.truth.json");
  ASSERT_TRUE(truth.has_value()) << truth.error().message();
  ASSERT_EQ(truth->camera.size(), 2U);
  EXPECT_EQ(truth->camera[0].type, "moved");
  EXPECT_EQ(truth->camera[0].onset, 10);
  EXPECT_EQ(truth->camera[1].onset, 52);
  EXPECT_EQ(truth->camera[1].also, std::vector<std::string>{"dark"});
  EXPECT_EQ(truth->settings.interval, std::chrono::milliseconds(250));
  EXPECT_EQ(truth->settings.settle, std::chrono::seconds(1));
  EXPECT_EQ(truth->settings.frame_interval, std::chrono::minutes(5));
}

TEST(TruthTest, ASettingThatIsNoDurationIsNamed) {
  const auto truth = ParseTruth(
      R"({"width": 64, "height": 36, "changes": [], "settings": {"settle": "soon"}})", "t.json");
  ASSERT_FALSE(truth.has_value());
  EXPECT_NE(truth.error().message().find("settings.settle"), std::string::npos);
}

TEST(TruthTest, TellsAMissingFileFromAnUnreadableOne) {
  EXPECT_EQ(LoadTruth("/nowhere/door.truth.json").error().code(), StatusCode::kNotFound);
  EXPECT_EQ(LoadTruth(std::filesystem::temp_directory_path().string()).error().code(),
            StatusCode::kUnavailable);
}

TEST(TruthTest, ReadsTheFilesOfTheFootage) {
  const char* set = std::getenv("STILLWATCH_SHARED");
  const std::filesystem::path footage =
      std::filesystem::path(set ? set : STILLWATCH_SOURCE_DIR "/../shared") / "footage";
  if (!std::filesystem::exists(footage)) GTEST_SKIP() << footage << " is not there";
  const struct {
    const char* file;
    std::size_t changes;
  } files[] = {{"intel_samples/bottle-detection.truth.json", 7},
               {"intel_samples/car-detection.truth.json", 0},
               {"intel_samples/one-by-one-person-detection.truth.json", 0},
               {"aboda/truth.json", 1},
               {"wallflower_wavingtrees/truth.json", 0}};
  for (const auto& file : files) {
    const auto truth = LoadTruth((footage / file.file).string());
    ASSERT_TRUE(truth) << truth.error().message();
    EXPECT_EQ(truth->changes.size(), file.changes) << file.file;
  }
}

}  // namespace
}  // namespace stillwatch::score
