#include "pipeline/clips/clip_writer.h"

#include <cmath>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

namespace stillwatch::clips {
namespace {

namespace fs = std::filesystem;

// Quantizer of H.264 (0..51) and quality of JPEG (0..100).  By eye: good shows nothing, usual a
// little softness in textures, poor blocks that breathe with every key frame.
struct Strength {
  int quantizer;
  int jpeg;
};
Strength StrengthOf(const std::string& quality) {
  if (quality == "poor") return {38, 35};
  if (quality == "usual") return {30, 70};
  return {22, 90};
}

}  // namespace

struct ClipWriter::Impl {
  fs::path media;
  cv::VideoWriter video;  // Not opened for pictures.
  int jpeg = 0;           // Quality; 0: a video.
  int written = 0;
};

ClipWriter::ClipWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClipWriter::~ClipWriter() = default;
ClipWriter::ClipWriter(ClipWriter&&) noexcept = default;

Result<ClipWriter> ClipWriter::Open(const Script& script, const fs::path& folder) {
  auto impl = std::make_unique<Impl>();
  const Strength strength = StrengthOf(script.quality);
  if (script.pictures) {
    impl->media = folder / script.name;
    impl->jpeg = strength.jpeg;
    std::error_code error;
    fs::remove_all(impl->media, error);  // Pictures of an earlier, longer series.
    if (!fs::create_directories(impl->media, error)) {
      return Unavailable(impl->media.string() + ": cannot be made");
    }
    return ClipWriter(std::move(impl));
  }
  impl->media = folder / (script.name + ".mp4");
  // A key frame every two seconds, as many cameras send it.  One thread: the bytes do not depend
  // on the machine.
  const int key_frames = std::max(1, static_cast<int>(std::lround(2 * script.fps)));
  char pipeline[600];
  std::snprintf(pipeline, sizeof pipeline,
                "appsrc ! videoconvert ! video/x-raw,format=I420 ! openh264enc rate-control=off "
                "qp-min=%d qp-max=%d gop-size=%d multi-thread=1 complexity=low ! h264parse ! "
                "mp4mux ! filesink location=\"%s\"",
                strength.quantizer, strength.quantizer, key_frames, impl->media.c_str());
  try {
    impl->video.open(pipeline, cv::CAP_GSTREAMER, 0, script.fps, {script.width, script.height});
  } catch (const cv::Exception&) {  // Says less than the message below.
  }
  if (!impl->video.isOpened()) {
    return Unavailable(impl->media.string() +
                       ": cannot be written; is the folder there, and GStreamer's openh264enc "
                       "(Debian: gstreamer1.0-plugins-bad)?");
  }
  return ClipWriter(std::move(impl));
}

Status ClipWriter::Write(const data::Image& picture) {
  cv::Mat bgr;
  cv::cvtColor(data::View(picture), bgr, cv::COLOR_RGB2BGR);
  if (impl_->jpeg == 0) {
    impl_->video.write(bgr);
    return {};
  }
  char name[32];
  std::snprintf(name, sizeof name, "%06d.jpg", impl_->written++);
  const fs::path file = impl_->media / name;
  if (!cv::imwrite(file.string(), bgr, {cv::IMWRITE_JPEG_QUALITY, impl_->jpeg})) {
    return Unavailable(file.string() + ": cannot be written; is there room?");
  }
  return {};
}

Status ClipWriter::Close() {
  if (impl_->jpeg != 0) return {};
  impl_->video.release();
  std::error_code error;
  if (fs::file_size(impl_->media, error) == 0 || error) {
    return Unavailable(impl_->media.string() + ": nothing was written; is there room?");
  }
  return {};
}

const fs::path& ClipWriter::media() const { return impl_->media; }

}  // namespace stillwatch::clips
