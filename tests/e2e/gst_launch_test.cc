// The pipeline of README.md, word for word, with the recorder at its end.

#include <algorithm>

#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

// The arguments of README.md's gst-launch-1.0 line.
std::vector<std::string> ReadmeLaunchLine() {
  std::ifstream readme(kSource / "README.md");
  std::vector<std::string> words;
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    inside |= line.find("gst-launch-1.0 ") != std::string::npos;
    if (!inside) continue;
    const bool goes_on = !line.empty() && line.back() == '\\';
    std::istringstream stream(goes_on ? line.substr(0, line.size() - 1) : line);
    for (std::string word; stream >> word;) words.push_back(word);
    if (!goes_on) break;
  }
  const auto program = std::find(words.begin(), words.end(), "gst-launch-1.0");
  return {program, words.end()};
}

class GstLaunchTest : public E2eTest {};

TEST_F(GstLaunchTest, TheLineInTheReadmePutsCaptionedEventsIntoTheStore) {
  std::vector<std::string> line = ReadmeLaunchLine();
  ASSERT_GT(line.size(), 10u);
  // Only the endpoint is the test's own: two runs must not meet.
  const std::string endpoint = "ipc://" + Path("channel");
  const auto theirs =
      std::find(line.begin(), line.end(), std::string("endpoint=tcp://127.0.0.1:5561"));
  ASSERT_NE(theirs, line.end());
  *theirs = "endpoint=" + endpoint;
  line[0] = "/usr/bin/gst-launch-1.0";

  BackgroundProgram recorder({STILLWATCH_BINARY_DIR "/stillwatch", "record", "--store",
                              Path("store"), "--listen", endpoint, "--publish",
                              "ipc://" + Path("events")});
  ASSERT_TRUE(recorder.WaitForError("listening"));
  std::filesystem::current_path(kSource);
  const RunResult launch =
      RunProgram(line, {.environment = {"GST_PLUGIN_PATH=" STILLWATCH_BINARY_DIR "/plugins",
                                        "GST_REGISTRY=" + Path("registry.bin")}});
  EXPECT_EQ(launch.exit_code, 0) << launch.err;
  const RunResult recorded = recorder.Stop();
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;

  const RunResult all = Stillwatch({"query", "--store", Path("store"), "--output", "jsonl"});
  ASSERT_EQ(all.exit_code, 0) << all.err << launch.out << launch.err;
  const std::vector<ChangeEvent> events = Events(all.out);
  EXPECT_GE(events.size(), 3u);
  for (const ChangeEvent& event : events) {
    EXPECT_EQ(event.camera, "dock");
    EXPECT_EQ(event.caption_status, CaptionStatus::kReady) << event.id;
  }
  EXPECT_EQ(Stillwatch({"store", "check", Path("store")}).exit_code, 0);
}

}  // namespace
}  // namespace stillwatch::e2e
