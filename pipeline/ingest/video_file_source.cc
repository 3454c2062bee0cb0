#include "pipeline/ingest/video_file_source.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <gst/video/video.h>

#include "pipeline/ingest/container_check.h"
#include "pipeline/ingest/file_time.h"
#include "pipeline/ingest/gst_errors.h"
#include "pipeline/ingest/gst_setup.h"
#include "pipeline/ingest/privacy_mask.h"
#include "pipeline/ingest/video_pipeline.h"
#include "plugins/common/video_frame.h"
#include "plugins/framesampler/frame_sampler.h"

namespace stillwatch::ingest {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;

constexpr GstClockTime kPoll = 50 * GST_MSECOND;       // How soon Stop() is seen.
constexpr GstClockTime kDrain = GST_SECOND;            // A guess: one frame, decoded slowly.
constexpr std::chrono::seconds kFirstFrameWithin(30);  // A guess: slow disks, large key frames.
constexpr std::size_t kMaxWarnings = 8;

// A cut-off end is told from a container that only says a little too much.  A guess: audio that
// outlasts the video by a second is common.
constexpr std::chrono::milliseconds kDurationSlack(1500);

// The URI of a readable file with something in it, or what is wrong with it.
Result<std::string> UriOf(const std::string& path_or_uri) {
  std::error_code error;
  const fs::file_status status = fs::status(path_or_uri, error);
  if (!fs::exists(status)) {
    if (path_or_uri.find("://") != std::string::npos && gst_uri_is_valid(path_or_uri.c_str())) {
      return path_or_uri;
    }
    return NotFound(path_or_uri + ": no such file; check the path");
  }
  if (!fs::is_regular_file(status)) {
    return InvalidArgument(path_or_uri + ": not a file; give a video file or a folder of pictures");
  }
  if (!std::ifstream(path_or_uri, std::ios::binary)) {
    return Unavailable(path_or_uri + ": cannot be read; check its permissions");
  }
  if (fs::file_size(path_or_uri, error) == 0 && !error) {
    return InvalidArgument(path_or_uri + ": the file is empty (0 bytes); copy it again");
  }
  if (CheckContainer(path_or_uri) == Container::kNoIndex) {
    return DataLoss(path_or_uri +
                    ": cut off before its index ('moov' box), nothing in it can be played; copy it "
                    "again, or record to MKV, which survives a cut");
  }
  GError* raw = nullptr;
  const gst::CStringPtr uri(gst_filename_to_uri(fs::absolute(path_or_uri).c_str(), &raw));
  const gst::ErrorPtr failure(raw);
  if (!uri) return Internal(path_or_uri + ": " + (failure ? failure->message : "no URI for it"));
  return std::string(uri.get());
}

std::string Seconds(nanoseconds time) {
  const auto tenths = time / std::chrono::milliseconds(100);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

// Not thread-safe but for Stop(), see FrameSource.
class Source final : public VideoFileSource {
 public:
  Source(std::string name, const IngestOptions& options, VideoPipeline pipeline)
      : name_(std::move(name)),
        options_(options),
        bus_reader_(name_),
        pipeline_(std::move(pipeline)) {}

  // Decodes the first frame and learns what there is to know.
  Status Start();

  [[nodiscard]] Result<FramePtr> Next() override;
  void Stop() override { stopped_ = true; }
  const SourceInfo& info() const override { return info_; }
  Progress progress() const override;
  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  std::optional<Status> ReadBus(GstClockTime timeout, GstMessageType also, bool* seen);
  [[nodiscard]] Result<FramePtr> FrameOf(GstSample* sample) const;
  void Warn(std::string warning);
  void NoteEnd();

  const std::string name_;
  const IngestOptions options_;

  SourceInfo info_;
  BusReader bus_reader_;
  std::vector<std::string> warnings_;
  std::int64_t delivered_ = 0;
  nanoseconds at_{};
  std::optional<Status> failure_;  // The first error on the bus.
  bool ended_ = false;
  std::atomic<bool> stopped_ = false;
  VideoPipeline pipeline_;  // Last: its threads end before what they might reach.
};

// Reads what waits on the bus; with a timeout, waits for the first message.
std::optional<Status> Source::ReadBus(GstClockTime timeout, GstMessageType also, bool* seen) {
  const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING |
                                                  GST_MESSAGE_ELEMENT | also);
  while (true) {
    const gst::MessagePtr message(gst_bus_timed_pop_filtered(pipeline_.bus(), timeout, wanted));
    if (!message) return std::nullopt;
    timeout = 0;
    if (GST_MESSAGE_TYPE(message.get()) == also) *seen = true;
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_WARNING) {
      GError* raw = nullptr;
      gst_message_parse_warning(message.get(), &raw, nullptr);
      const gst::ErrorPtr warning(raw);
      Warn(name_ + ": " + warning->message);
    }
    if (auto failure = bus_reader_.Read(message.get())) return failure;
  }
}

Status Source::Start() {
  if (gst_element_set_state(pipeline_.pipeline(), GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE) {
    bool unused = false;
    if (auto failure = ReadBus(0, GST_MESSAGE_UNKNOWN, &unused)) return *failure;
    return Unavailable(name_ + ": GStreamer cannot open it");
  }
  const auto deadline = std::chrono::steady_clock::now() + kFirstFrameWithin;
  bool ready = false;
  while (!ready) {
    if (auto failure = ReadBus(kPoll, GST_MESSAGE_ASYNC_DONE, &ready)) return *failure;
    if (!ready && std::chrono::steady_clock::now() > deadline) {
      return Unavailable(
          name_ + ": no picture within 30 seconds; is it damaged, or the disk or network down?");
    }
  }
  const gst::SamplePtr first(gst_app_sink_try_pull_preroll(pipeline_.sink(), 0));
  if (!first) return DataLoss(name_ + ": no picture in it can be decoded");
  GstVideoInfo video;
  if (!gst_video_info_from_caps(&video, gst_sample_get_caps(first.get()))) {
    return Internal(name_ + ": the decoder gives no size");
  }
  info_.width = video.width;
  info_.height = video.height;
  if (video.fps_n > 0 && video.fps_d > 0)
    info_.fps = static_cast<double>(video.fps_n) / video.fps_d;
  const nanoseconds duration = pipeline_.duration();
  if (duration > nanoseconds::zero()) info_.duration = duration;
  info_.start = options_.start ? *options_.start : ModifiedAt(name_) - duration;
  gst_element_set_state(pipeline_.pipeline(), GST_STATE_PLAYING);
  return {};
}

Result<FramePtr> Source::Next() {
  while (true) {
    if (stopped_) return Cancelled(name_ + ": stopped");
    if (ended_) return FramePtr();
    bool unused = false;
    if (!failure_) failure_ = ReadBus(0, GST_MESSAGE_UNKNOWN, &unused);
    // After an error frames may still be on their way: what was decoded before it counts.
    const gst::SamplePtr sample(
        gst_app_sink_try_pull_sample(pipeline_.sink(), failure_ ? kDrain : kPoll));
    if (sample) {
      auto frame = FrameOf(sample.get());
      if (frame) {
        ++delivered_;
        at_ = (*frame)->pts.value_or(at_);
      }
      return frame;
    }
    if (!failure_ && !gst_app_sink_is_eos(pipeline_.sink())) continue;
    if (!failure_) failure_ = ReadBus(0, GST_MESSAGE_UNKNOWN, &unused);
    ended_ = true;
    if (failure_ && delivered_ == 0) return Failure(*failure_);
    NoteEnd();
  }
}

void Source::NoteEnd() {
  const VideoPipeline::Decoded decoded = pipeline_.decoded();
  const nanoseconds end = decoded.end;
  if (decoded.damaged > 0) {
    Warn(name_ + ": " + std::to_string(decoded.damaged) + " of " + std::to_string(decoded.frames) +
         " frames are damaged and were passed over");
  }
  const std::string at = name_ + ": ends at " + Seconds(end);
  if (failure_) {
    Warn(at + (info_.duration ? " of " + Seconds(*info_.duration) : "") +
         "; what comes after cannot be decoded: " + failure_->message());
  } else if (info_.duration && end + kDurationSlack < *info_.duration) {
    Warn(at + " but should last " + Seconds(*info_.duration) +
         "; the file is cut off, copy it again");
  } else if (CheckContainer(name_) == Container::kCutOff) {
    Warn(at + " but its header announces more; the file is cut off, copy it again");
  }
}

void Source::Warn(std::string warning) {
  const bool known = std::find(warnings_.begin(), warnings_.end(), warning) != warnings_.end();
  if (!known && warnings_.size() < kMaxWarnings) warnings_.push_back(std::move(warning));
}

Result<FramePtr> Source::FrameOf(GstSample* sample) const {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  GstVideoInfo video;
  if (!gst_video_info_from_caps(&video, gst_sample_get_caps(sample))) {
    return Internal(name_ + ": the decoder gives no size");
  }
  auto copied = gst::CopyFrame(video, buffer);
  if (!copied) return Failure(copied.error().WithContext(name_));
  std::shared_ptr<Frame> frame = *std::move(copied);
  frame->camera = options_.camera;
  BurnIn(options_.privacy_masks, frame->rgb, frame->width, frame->height);

  const GstClockTime at = gst_segment_to_stream_time(gst_sample_get_segment(sample),
                                                     GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (GST_CLOCK_TIME_IS_VALID(at)) frame->pts = nanoseconds(static_cast<std::int64_t>(at));
  frame->captured_at = info_.start + frame->pts.value_or(nanoseconds::zero());
  return frame;
}

Progress Source::progress() const {
  const VideoPipeline::Decoded decoded = pipeline_.decoded();
  Progress progress{
      .at = at_, .decoded = static_cast<std::int64_t>(decoded.frames), .delivered = delivered_};
  if (ended_) {
    progress.fraction = 1;
  } else if (info_.duration) {
    progress.fraction = std::min(
        1.0, std::chrono::duration<double>(at_) / std::chrono::duration<double>(*info_.duration));
  }
  return progress;
}

}  // namespace

Result<std::unique_ptr<VideoFileSource>> VideoFileSource::Open(const std::string& path_or_uri,
                                                               const IngestOptions& options) {
  EnsureGStreamer();
  if (Status masks = CheckPrivacyMasks(options.privacy_masks); !masks.ok()) return Failure(masks);
  if (auto sampler = gst::FrameSampler::Create({.interval = options.interval}); !sampler) {
    return Failure(sampler.error());
  }
  const auto uri = UriOf(path_or_uri);
  if (!uri) return Failure(uri.error());
  auto pipeline = VideoPipeline::Create(*uri, options.interval);
  if (!pipeline) return Failure(pipeline.error());
  auto source = std::make_unique<Source>(path_or_uri, options, *std::move(pipeline));
  if (Status started = source->Start(); !started.ok()) return Failure(started);
  return source;
}

}  // namespace stillwatch::ingest
