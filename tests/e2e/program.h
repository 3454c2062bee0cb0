// What the end-to-end tests share: the program, a scratch folder, its answers as events.

#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/bus/event_json.h"
#include "pipeline/core/event.h"
#include "tests/support/run_program.h"

namespace stillwatch::e2e {

inline const std::filesystem::path kSource = STILLWATCH_SOURCE_DIR;
inline const std::filesystem::path kSampleClip = kSource / "samples/loading_bay.mp4";
inline const std::filesystem::path kSampleTruth = kSource / "samples/loading_bay.truth.json";

// Material beside the checkout; empty where it is absent.
inline std::filesystem::path Shared() {
  const char* set = std::getenv("STILLWATCH_SHARED");
  const std::filesystem::path folder =
      set != nullptr ? std::filesystem::path(set) : kSource / "../shared";
  return std::filesystem::exists(folder / "footage") ? folder : std::filesystem::path();
}

inline RunResult Stillwatch(std::vector<std::string> arguments, const RunOptions& options = {}) {
  arguments.insert(arguments.begin(), STILLWATCH_BINARY_DIR "/stillwatch");
  return RunProgram(arguments, options);
}

// The JSON lines of an answer.  A line that is no event fails the test.
inline std::vector<ChangeEvent> Events(const std::string& jsonl) {
  std::vector<ChangeEvent> events;
  for (const std::string& line : Lines(jsonl)) {
    auto event = bus::DecodeEvent(line);
    EXPECT_TRUE(event) << line;
    if (event) events.push_back(*std::move(event));
  }
  return events;
}

// A folder of the test's own, gone afterwards.
class E2eTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("stillwatch-") + info->test_suite_name() + "." + info->name() + "." +
               std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return Path(name);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace stillwatch::e2e
