#include "config/load.h"

#include <chrono>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "config/config.h"
#include "tests/unit/config/temp_file.h"

namespace stillwatch::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Environment kNoEnvironment = FakeEnvironment({});

// The message of a file that cannot be read at all.
std::string MessageOf(const std::string& path) {
  const LoadResult result = Load(path, kNoEnvironment);
  if (result || result.error().size() != 1) return "not one mistake";
  EXPECT_EQ(result.error()[0].file, path);
  EXPECT_EQ(result.error()[0].line, 0);
  return result.error()[0].message;
}

TEST(LoadTest, GivesDefaultsToWhatTheFileLeavesOut) {
  const LoadResult config = LoadText("cameras: {door: {source: /v/a.mp4}}\n", kNoEnvironment);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->store.path, "/var/lib/stillwatch");
  EXPECT_EQ(config->model, (ModelConfig{.name = "nano"}));
  EXPECT_EQ(config->selection, SelectionConfig{});
  ASSERT_EQ(config->cameras.size(), 1U);
  EXPECT_EQ(
      config->cameras[0],
      (CameraConfig{
          .name = "door", .source = "/v/a.mp4", .source_shown = "/v/a.mp4", .selection = {}}));
}

TEST(LoadTest, MergesSelectionKeyByKey) {
  const LoadResult config = LoadText(
      "cameras:\n"
      "  plain: {source: a}\n"
      "  slow: {source: b, selection: {settle: 1min, sensitivity: 7}}\n"
      "selection: {interval: 500ms, min_area: 0.25}\n",
      kNoEnvironment);
  ASSERT_TRUE(config);
  const SelectionConfig defaults{.interval = milliseconds(500), .min_area = 0.25};
  EXPECT_EQ(config->selection, defaults);
  EXPECT_EQ(config->cameras[0].selection, defaults);
  EXPECT_EQ(config->cameras[1].selection, (SelectionConfig{.interval = milliseconds(500),
                                                           .settle = seconds(60),
                                                           .min_area = 0.25,
                                                           .sensitivity = 7}));
}

TEST(LoadTest, ReadsZonesAndMasksInTheirOrder) {
  const LoadResult config = LoadText(
      "cameras:\n"
      "  door:\n"
      "    source: a\n"
      "    zones:\n"
      "      z: {coordinates: [0,0, 1,0, 0.5,1], severity: high, friendly_name: Zürich 1}\n"
      "      a: {coordinates: [0,0, 1,0, 1,1, 0,1]}\n"
      "    ignore_masks: {tree: {coordinates: [0,0, 0.1,0, 0.1,0.1]}}\n"
      "    privacy_masks: {keypad: {coordinates: [0,0, 0.2,0, 0.2,0.2]}}\n",
      kNoEnvironment);
  ASSERT_TRUE(config);
  const CameraConfig& door = config->cameras[0];
  ASSERT_EQ(door.zones.size(), 2U);
  EXPECT_EQ(door.zones[0], (ZoneConfig{.name = "z",
                                       .friendly_name = "Zürich 1",
                                       .coordinates = {{0, 0}, {1, 0}, {0.5, 1}},
                                       .severity = Severity::kHigh}));
  EXPECT_EQ(door.zones[1].friendly_name, "a");
  EXPECT_EQ(door.zones[1].severity, Severity::kMedium);
  ASSERT_EQ(door.ignore_masks.size(), 1U);
  EXPECT_EQ(door.ignore_masks[0],
            (MaskConfig{.name = "tree", .coordinates = {{0, 0}, {0.1, 0}, {0.1, 0.1}}}));
  ASSERT_EQ(door.privacy_masks.size(), 1U);
  EXPECT_EQ(door.privacy_masks[0].name, "keypad");
}

TEST(LoadTest, CountsRelativePathsFromTheFilesFolder) {
  const TempFolder folder;
  const std::string file = folder.Write("s.yaml",
                                        "store: {path: events}\n"
                                        "model: {checkpoint: ../models/big, max_tokens: 64}\n"
                                        "cameras: {a: {source: ./clips/a.mp4}}\n");
  const LoadResult config = Load(file, kNoEnvironment);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->store.path, folder.path() / "events");
  EXPECT_EQ(config->model.name, "");
  EXPECT_EQ(config->model.checkpoint, folder.path().parent_path() / "models/big");
  EXPECT_EQ(config->model.max_tokens, 64);
  EXPECT_EQ(config->cameras[0].source, folder.path() / "clips/a.mp4");
}

TEST(LoadTest, AcceptsAliasesByteOrderMarkAndWindowsLineEnds) {
  const LoadResult config = LoadText(
      "\xEF\xBB\xBF"
      "selection: &s {settle: 9s}\r\n"
      "cameras:\r\n"
      "  a: {source: x, selection: *s}\t# A tab that indents nothing.\r\n"
      "\t\r\n",
      kNoEnvironment);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->cameras[0].selection.settle, seconds(9));
}

TEST(LoadTest, FindsACameraByName) {
  const LoadResult config =
      LoadText("cameras: {door: {source: a}, gate: {source: b}}\n", kNoEnvironment);
  ASSERT_TRUE(config);
  EXPECT_EQ(Find(*config, "gate"), &config->cameras[1]);
  EXPECT_EQ(Find(*config, "Gate"), nullptr);
}

TEST(LoadTest, SaysWhyAFileCannotBeRead) {
  const TempFolder folder;
  EXPECT_EQ(MessageOf(folder.path() / "absent.yaml"), "no such file");
  EXPECT_EQ(MessageOf(folder.path() / "absent" / "x.yaml"), "no such file");
  EXPECT_EQ(MessageOf(folder.path()), "is a folder; name the YAML file in it");
  EXPECT_EQ(MessageOf(folder.Write("empty.yaml", "")), "holds no settings");
  EXPECT_EQ(MessageOf(folder.Write("plain", "") + "/x.yaml"), "no such file");
  EXPECT_EQ(MessageOf(std::string(10'000, 'x')), "cannot be read: File name too long");
  EXPECT_EQ(MessageOf(folder.Write("large.yaml", std::string((1 << 20) + 1, '#'))),
            "is larger than 1 MiB");
  EXPECT_EQ(MessageOf(""), "no such file");
}

TEST(LoadTest, DoesNotWaitForAPipe) {
  const TempFolder folder;
  const std::string pipe = folder.path() / "pipe.yaml";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(MessageOf(pipe), "is not a regular file");
}

TEST(LoadTest, SaysThatAFileMayNotBeOpened) {
  if (geteuid() == 0) GTEST_SKIP() << "root may open every file";
  const TempFolder folder;
  const std::string file = folder.Write("locked.yaml", "cameras: {a: {source: x}}\n");
  std::filesystem::permissions(file, std::filesystem::perms::none);
  EXPECT_EQ(MessageOf(file), "cannot be read: Permission denied");
}

TEST(LoadTest, SaysThatReadingFailedHalfway) {
  // A regular file by its looks, whose first page is never mapped.
  if (!std::filesystem::exists("/proc/self/mem")) GTEST_SKIP() << "no /proc/self/mem here";
  EXPECT_EQ(MessageOf("/proc/self/mem"), "cannot be read: Input/output error");
}

TEST(CheckReportTest, ListsEveryMistakeAndTheirNumber) {
  const TempFolder folder;
  const std::string file = folder.Write("t.yaml", "stroe: {}\ncameras: {}\n");
  EXPECT_EQ(CheckReport(file, Load(file, kNoEnvironment)),
            file + ":1:1: unknown key 'stroe'; did you mean 'store'?\n" + file +
                ":2:10: cameras: holds no entry; at least one is needed\n2 mistakes\n");
}

TEST(CheckReportTest, SumsUpAFileWithoutMistakes) {
  const std::string file = STILLWATCH_SOURCE_DIR "/config/stillwatch.yaml";
  EXPECT_EQ(CheckReport(file, Load(file, kNoEnvironment)),
            file + ": no mistakes; 1 camera, 1 zone, 2 masks\n");
}

TEST(AsStatusTest, HoldsEveryMistake) {
  const LoadResult result = LoadText("a: 1\nb: 2\n", kNoEnvironment);
  ASSERT_FALSE(result);
  const Status status = AsStatus(result.error());
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("t.yaml:1:1: unknown key 'a'"), std::string::npos);
  EXPECT_NE(status.message().find("t.yaml:2:1: unknown key 'b'"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::config
