#include "config/show.h"

#include <string>

#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/unit/config/temp_file.h"

namespace stillwatch::config {
namespace {

const Environment& TestEnvironment() {
  static const Environment environment =
      FakeEnvironment({{"USER", "bob"}, {"PASSWORD", "hunter2"}, {"FOLDER", "/secret"}});
  return environment;
}

TEST(ShowTest, FillsInDefaultsAndKeepsSecretsOut) {
  const LoadResult config = LoadText(
      "store: {path: /s}\n"
      "cameras:\n"
      "  door:\n"
      "    source: rtsp://{USER}:{PASSWORD}@cam/1\n"
      "    selection: {settle: 90s}\n"
      "    zones: {bay: {coordinates: [0.1,0.25, 1,0.25, 1,1]}}\n",
      TestEnvironment());
  ASSERT_TRUE(config);
  EXPECT_EQ(Show(*config),
            "store:\n"
            "  path: \"/s\"\n"
            "model:\n"
            "  name: nano\n"
            "selection:\n"
            "  interval: 2s\n"
            "  settle: 8s\n"
            "  min_area: 0.0005\n"
            "  sensitivity: 50\n"
            "cameras:\n"
            "  door:\n"
            "    source: \"rtsp://{USER}:{PASSWORD}@cam/1\"\n"
            "    selection:\n"
            "      interval: 2s\n"
            "      settle: 90s\n"
            "      min_area: 0.0005\n"
            "      sensitivity: 50\n"
            "    zones:\n"
            "      bay:\n"
            "        friendly_name: \"bay\"\n"
            "        coordinates: [0.1, 0.25, 1, 0.25, 1, 1]\n"
            "        severity: medium\n");
}

TEST(ShowTest, ReadsBackToTheSame) {
  const TempFolder folder;
  const LoadResult first = Load(
      folder.Write("first.yaml",
                   "store: {path: 'events: #1'}\n"
                   "model: {checkpoint: big, max_tokens: 12}\n"
                   "selection: {interval: 1.5s, settle: 1h, min_area: 0.00001234567890123}\n"
                   "cameras:\n"
                   "  'null': {source: 'yes'}\n"
                   "  2: {source: '{FOLDER}/x.mp4'}\n"
                   "  y:\n"
                   "    source: \"it's {USER}.mp4\"\n"
                   "    zones: {no: {friendly_name: \"- 'a\\\" \\\\ é\", coordinates: [0,0, "
                   "0.1,0.3, 1,0]}}\n"
                   "    ignore_masks: {on: {coordinates: [0,0, 1e-7,1, 1,0]}}\n"
                   "    privacy_masks: {off: {coordinates: [0,0, 0.333333333333333314,1, 1,0]}}\n"),
      TestEnvironment());
  ASSERT_TRUE(first) << CheckReport("first.yaml", first);
  const std::string shown = Show(*first);
  const TempFolder elsewhere;
  const LoadResult second = Load(elsewhere.Write("second.yaml", shown), TestEnvironment());
  ASSERT_TRUE(second) << CheckReport("second.yaml", second) << shown;
  EXPECT_EQ(*first, *second) << shown;
}

}  // namespace
}  // namespace stillwatch::config
