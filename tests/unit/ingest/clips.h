// Clips and pictures for the tests of pipeline/ingest, made by GStreamer and OpenCV as needed.

#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gst/gst.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "pipeline/ingest/frame_source.h"
#include "plugins/common/gst_raii.h"

namespace stillwatch::ingest {

// Runs a launch line to its end; false, with the reason in the test's log, if it fails.
inline bool Launch(const std::string& line) {
  gst_registry_fork_set_enabled(FALSE);  // The registry's helper process does not survive ASan.
  gst_init(nullptr, nullptr);
  GError* raw = nullptr;
  GstElement* parsed =
      gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw);
  const gst::ErrorPtr error(raw);
  if (parsed == nullptr) {
    ADD_FAILURE() << line << ": " << (error ? error->message : "?");
    return false;
  }
  const gst::ElementPtr pipeline(GST_ELEMENT(gst_object_ref_sink(parsed)));
  const gst::BusPtr bus(gst_element_get_bus(pipeline.get()));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const gst::MessagePtr end(
      gst_bus_timed_pop_filtered(bus.get(), 20 * GST_SECOND,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  const bool good = end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS;
  if (!good) ADD_FAILURE() << line << ": failed, or took longer than 20 s";
  return good;
}

inline std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A folder of its own for each test, removed after it.
class IngestTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("stillwatch_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  // A moving test picture, 25 frames a second.
  std::string Clip(const std::string& name, const std::string& coding, int frames, int width = 160,
                   int height = 120) const {
    const std::string path = Path(name);
    Launch("videotestsrc pattern=ball num-buffers=" + std::to_string(frames) +
           " ! video/x-raw,format=I420,framerate=25/1,width=" + std::to_string(width) +
           ",height=" + std::to_string(height) + " ! " + coding + " ! filesink location=" + path);
    return path;
  }

  // One colour all over; `grey` tells pictures apart.
  void Picture(const std::string& name, int grey, int width = 64, int height = 48) const {
    cv::imwrite(Path(name), cv::Mat(height, width, CV_8UC3, cv::Scalar(grey, grey, grey)));
  }

  std::filesystem::path folder_;
};

struct Everything {
  std::vector<FramePtr> frames{};
  Status end{};  // OK: the source came to its end.
  std::vector<std::string> warnings{};
  Progress progress{};
};

inline Everything ReadAll(FrameSource& source) {
  Everything all;
  while (true) {
    auto frame = source.Next();
    if (!frame) all.end = frame.error();
    if (!frame || *frame == nullptr) break;
    all.frames.push_back(*frame);
  }
  all.warnings = source.warnings();
  all.progress = source.progress();
  return all;
}

inline std::vector<std::int64_t> Indices(const std::vector<FramePtr>& frames) {
  std::vector<std::int64_t> indices;
  for (const FramePtr& frame : frames) indices.push_back(frame->index.value_or(-1));
  return indices;
}

// The folder with the material beside the checkout.
inline std::string Shared(const std::string& path) {
  const char* shared = std::getenv("STILLWATCH_SHARED");
  return (shared != nullptr ? std::string(shared) : STILLWATCH_SOURCE_DIR "/../shared") + "/" +
         path;
}

}  // namespace stillwatch::ingest
