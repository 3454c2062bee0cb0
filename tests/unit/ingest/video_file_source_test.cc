#include "pipeline/ingest/video_file_source.h"

#include <thread>

#include <opencv2/videoio.hpp>

#include "tests/unit/ingest/clips.h"

namespace stillwatch::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr const char* kAvi = "jpegenc ! avimux";

class VideoFileSourceTest : public IngestTest {
 protected:
  // The failure that opening `path` gives; fails the test if it opens.
  static Status WhyNot(const std::string& path, const IngestOptions& options = {}) {
    const auto source = VideoFileSource::Open(path, options);
    EXPECT_FALSE(source) << path << " opened";
    return source ? Status() : source.error();
  }
};

TEST_F(VideoFileSourceTest, GivesOneFramePerIntervalWithIndexTimeAndCamera) {
  const std::string clip = Clip("a.avi", kAvi, 50);
  const TimePoint start = ParseTime("2026-01-01T08:00:00Z").value();
  const auto source = VideoFileSource::Open(
      clip, {.interval = milliseconds(400), .camera = "dock", .start = start});
  ASSERT_TRUE(source) << source.error().message();
  EXPECT_EQ((*source)->info().width, 160);
  EXPECT_EQ((*source)->info().height, 120);
  EXPECT_DOUBLE_EQ((*source)->info().fps, 25);
  EXPECT_EQ((*source)->info().duration, nanoseconds(milliseconds(2000)));

  const Everything all = ReadAll(**source);
  EXPECT_TRUE(all.end.ok()) << all.end.message();
  EXPECT_EQ(Indices(all.frames), (std::vector<std::int64_t>{0, 10, 20, 30, 40}));
  EXPECT_TRUE(all.warnings.empty());
  EXPECT_EQ(all.progress.decoded, 50);
  EXPECT_EQ(all.progress.delivered, 5);
  EXPECT_DOUBLE_EQ(all.progress.fraction, 1);
  const Frame& last = *all.frames.back();
  EXPECT_EQ(last.camera, "dock");
  EXPECT_EQ(last.pts, nanoseconds(milliseconds(1600)));
  EXPECT_EQ(last.captured_at, start + milliseconds(1600));
  EXPECT_EQ(last.rgb.size(), 160u * 120u * 3u);
}

TEST_F(VideoFileSourceTest, KeepsRedRed) {
  const std::string path = Path("red.avi");
  ASSERT_TRUE(
      Launch("videotestsrc pattern=red num-buffers=5 ! video/x-raw,width=50,height=50 ! "
             "videoconvert ! jpegenc ! avimux ! filesink location=" +
             path));
  const auto source = VideoFileSource::Open(path, {});
  ASSERT_TRUE(source);
  const FramePtr frame = (*source)->Next().value();
  ASSERT_EQ(frame->rgb.size(), 50u * 50u * 3u);  // 150 bytes a row: GStreamer pads it, we do not.
  EXPECT_GT(frame->rgb[0], 230);
  EXPECT_LT(frame->rgb[1], 25);
  EXPECT_LT(frame->rgb[2], 25);
  EXPECT_GT(frame->rgb[49 * 150 + 147], 200);  // JPEG smears the edge of 50 pixels a little.
}

TEST_F(VideoFileSourceTest, BurnsPrivacyMasksIn) {
  const std::string path = Path("white.avi");
  ASSERT_TRUE(
      Launch("videotestsrc pattern=white num-buffers=2 ! video/x-raw,width=64,height=64 ! "
             "videoconvert ! jpegenc ! avimux ! filesink location=" +
             path));
  const Polygon left = {{0, 0}, {0.5, 0}, {0.5, 1}, {0, 1}};
  const auto source = VideoFileSource::Open(path, {.privacy_masks = {left}});
  ASSERT_TRUE(source) << source.error().message();
  const FramePtr frame = (*source)->Next().value();
  for (std::size_t y = 0; y < 64; ++y) {
    EXPECT_EQ(frame->rgb[(y * 64 + 0) * 3], 0) << y;
    EXPECT_EQ(frame->rgb[(y * 64 + 31) * 3], 0) << y;
    EXPECT_GT(frame->rgb[(y * 64 + 40) * 3], 200) << y;
  }
}

TEST_F(VideoFileSourceTest, FollowsAVideoThatChangesItsSize) {
  // Raw MPEG-2 may be strung together: each part begins with its own size.
  for (const int width : {160, 320}) {
    cv::VideoWriter writer(Path(std::to_string(width) + ".m2v"), cv::CAP_FFMPEG,
                           cv::VideoWriter::fourcc('m', 'p', 'g', '2'), 25, cv::Size(width, 120));
    if (!writer.isOpened()) GTEST_SKIP() << "OpenCV cannot write MPEG-2 here";
    for (int i = 0; i < 50; ++i) {
      writer.write(cv::Mat(120, width, CV_8UC3, cv::Scalar(i * 4, 90, 90)));
    }
  }
  Write(Path("both.m2v"), Bytes(Path("160.m2v")) + Bytes(Path("320.m2v")));

  const auto source = VideoFileSource::Open(Path("both.m2v"), {.interval = milliseconds(1000)});
  ASSERT_TRUE(source) << source.error().message();
  const Everything all = ReadAll(**source);
  EXPECT_TRUE(all.end.ok()) << all.end.message();
  EXPECT_EQ(Indices(all.frames), (std::vector<std::int64_t>{0, 25, 50, 75}));
  ASSERT_EQ(all.frames.size(), 4u);
  EXPECT_EQ(all.frames[1]->width, 160);
  EXPECT_EQ(all.frames[2]->width, 320);
  EXPECT_EQ(all.frames[3]->rgb.size(), 320u * 120u * 3u);
}

TEST_F(VideoFileSourceTest, GivesWhatACutOffFileHoldsAndThenWarns) {
  for (const char* name : {"cut.avi", "cut.mkv"}) {
    const bool avi = std::string(name).ends_with("avi");
    const std::string whole =
        Clip(std::string("whole_") + name, avi ? kAvi : "jpegenc ! matroskamux", 100);
    const std::string bytes = Bytes(whole);
    Write(Path(name), bytes.substr(0, bytes.size() / 2));
    const auto source = VideoFileSource::Open(Path(name), {.interval = milliseconds(200)});
    ASSERT_TRUE(source) << source.error().message();
    const Everything all = ReadAll(**source);
    EXPECT_TRUE(all.end.ok()) << all.end.message();
    EXPECT_GE(all.frames.size(), 7u) << name;
    EXPECT_LE(all.frames.size(), 12u) << name;
    ASSERT_EQ(all.warnings.size(), 1u) << name;
    EXPECT_NE(all.warnings[0].find(name), std::string::npos) << all.warnings[0];
    EXPECT_NE(all.warnings[0].find("cut off"), std::string::npos) << all.warnings[0];
  }
}

TEST_F(VideoFileSourceTest, AnMp4WithoutItsIndexIsDamaged) {
  const std::string bytes = Bytes(Clip("whole.mp4", "jpegenc ! qtmux", 50));
  Write(Path("cut.mp4"), bytes.substr(0, bytes.size() / 2));
  const Status status = WhyNot(Path("cut.mp4"));
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("cut.mp4"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("again"), std::string::npos) << status.message();
}

TEST_F(VideoFileSourceTest, RefusesWhatIsNoVideoAndSaysWhatToDo) {
  Write(Path("empty.mp4"), "");
  Write(Path("text.mp4"), "This is no video at all, only a few words in a file.\n");
  ASSERT_TRUE(Launch("audiotestsrc num-buffers=9 ! wavenc ! filesink location=" + Path("a.wav")));
  const struct {
    std::string path;
    StatusCode code;
    const char* says;
  } kCases[] = {
      {Path("missing.mp4"), StatusCode::kNotFound, "no such file"},
      {Path("empty.mp4"), StatusCode::kInvalidArgument, "0 bytes"},
      {Path("text.mp4"), StatusCode::kInvalidArgument, "not a video"},
      {Path("a.wav"), StatusCode::kInvalidArgument, "no video stream"},
      {Path(""), StatusCode::kInvalidArgument, "not a file"},
      {"file://" + Path("missing.mp4"), StatusCode::kNotFound, "not found"},
  };
  for (const auto& c : kCases) {
    const Status status = WhyNot(c.path);
    EXPECT_EQ(status.code(), c.code) << status.message();
    EXPECT_NE(status.message().find(c.says), std::string::npos) << status.message();
    EXPECT_NE(status.message().find(c.path), std::string::npos) << status.message();
  }
}

TEST_F(VideoFileSourceTest, NamesTheCodecAndThePackageWhereNoDecoderIsInstalled) {
  const std::string clip = Clip("a.mp4", "avenc_mpeg4 ! mp4mux", 10);
  std::vector<std::pair<gst::FeaturePtr, guint>> hidden;
  for (const char* name : {"avdec_mpeg4", "openh264dec", "v4l2mpeg4dec", "vampeg4dec"}) {
    gst::FeaturePtr feature(gst_registry_lookup_feature(gst_registry_get(), name));
    if (!feature) continue;
    const guint rank = gst_plugin_feature_get_rank(feature.get());
    gst_plugin_feature_set_rank(feature.get(), GST_RANK_NONE);
    hidden.emplace_back(std::move(feature), rank);
  }
  const Status status = WhyNot(clip);
  for (const auto& [feature, rank] : hidden) gst_plugin_feature_set_rank(feature.get(), rank);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status.message();
  EXPECT_NE(status.message().find("MPEG-4"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("gstreamer1.0-libav"), std::string::npos) << status.message();
}

TEST_F(VideoFileSourceTest, RefusesOptionsThatCannotWork) {
  const std::string clip = Clip("a.avi", kAvi, 2);
  EXPECT_EQ(WhyNot(clip, {.interval = milliseconds(0)}).code(), StatusCode::kInvalidArgument);
  const Polygon line = {{0, 0}, {1, 1}};
  EXPECT_NE(WhyNot(clip, {.privacy_masks = {line}}).message().find("3 points"), std::string::npos);
  const Polygon outside = {{0, 0}, {2, 0}, {0, 1}};
  EXPECT_NE(WhyNot(clip, {.privacy_masks = {outside}}).message().find("0..1"), std::string::npos);
}

TEST_F(VideoFileSourceTest, StopFromAnotherThreadEndsNext) {
  const std::string clip = Clip("a.avi", kAvi, 500);
  const auto source = VideoFileSource::Open(clip, {.interval = milliseconds(1)});
  ASSERT_TRUE(source);
  ASSERT_TRUE((*source)->Next());
  std::jthread stopper([&source] { (*source)->Stop(); });
  stopper.join();
  const auto next = (*source)->Next();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), StatusCode::kCancelled);
}

TEST_F(VideoFileSourceTest, CountsTheFramesOfRealFootage) {
  const std::string clip = Shared("footage/intel_samples/bottle-detection.mp4");
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "no footage at " << clip;
  const auto source = VideoFileSource::Open(clip, {});
  ASSERT_TRUE(source) << source.error().message();
  const Everything all = ReadAll(**source);
  EXPECT_EQ(all.progress.decoded, 1189);
  ASSERT_EQ(all.frames.size(), 20u);
  EXPECT_TRUE(all.warnings.empty());
  for (std::size_t i = 1; i < all.frames.size(); ++i) {
    const auto step = *all.frames[i]->index - *all.frames[i - 1]->index;
    EXPECT_TRUE(step == 59 || step == 60) << step;  // 29.83 frames a second, every 2 s.
    EXPECT_GE(*all.frames[i]->pts, milliseconds(2000) * static_cast<int>(i) - milliseconds(1));
  }
}

}  // namespace
}  // namespace stillwatch::ingest
