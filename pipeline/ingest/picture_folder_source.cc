#include "pipeline/ingest/picture_folder_source.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "pipeline/ingest/file_time.h"
#include "pipeline/ingest/picture_file.h"
#include "pipeline/ingest/picture_names.h"
#include "pipeline/ingest/privacy_mask.h"
#include "plugins/framesampler/frame_sampler.h"

namespace stillwatch::ingest {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;

constexpr std::size_t kMaxNamed = 8;  // Skipped pictures listed by name; all are counted.

struct Entry {
  std::string name{};
  nanoseconds at{};  // Since info.start.
};

[[nodiscard]] Result<std::vector<Entry>> PicturesOf(const std::string& folder) {
  std::error_code error;
  std::vector<Entry> entries;
  fs::directory_iterator it(folder, error);
  if (error) return Unavailable(folder + ": cannot be read: " + error.message());
  for (; it != fs::directory_iterator(); it.increment(error)) {
    if (error) return Unavailable(folder + ": cannot be read: " + error.message());
    std::string name = it->path().filename().string();
    std::error_code ignored;
    // Dot files are leftovers of copying tools and of macOS (._a.jpg is no picture).
    if (HasPictureEnding(name) && name[0] != '.' && it->is_regular_file(ignored)) {
      entries.push_back({.name = std::move(name)});
    }
  }
  if (entries.empty()) {
    return InvalidArgument(folder +
                           ": no pictures in this folder (jpg, png, bmp, tiff, webp, "
                           "ppm or pgm); subfolders are not searched");
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return NaturallyBefore(a.name, b.name); });
  return entries;
}

// Gives every entry its time and returns the time of the first.
[[nodiscard]] Result<TimePoint> Date(const std::string& folder, const IngestOptions& options,
                                     std::vector<Entry>& entries) {
  if (options.frame_interval) {
    if (*options.frame_interval <= nanoseconds::zero()) {
      return InvalidArgument("--frame-interval must be above 0");
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].at = *options.frame_interval * static_cast<std::int64_t>(i);
    }
    if (options.start) return *options.start;
    const auto told = TimeInName(entries.front().name);
    return told ? *told : ModifiedAt((fs::path(folder) / entries.front().name).string());
  }
  for (Entry& entry : entries) {
    const auto time = TimeInName(entry.name);
    if (!time) {
      return InvalidArgument(folder + ": the name '" + entry.name +
                             "' tells no time; give the time between pictures with "
                             "--frame-interval, for example --frame-interval 5min");
    }
    entry.at = time->time_since_epoch();
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.at < b.at; });
  const nanoseconds first = entries.front().at;
  for (Entry& entry : entries) entry.at -= first;
  return options.start ? *options.start : TimePoint(first);
}

// Not thread-safe but for Stop(), see FrameSource.
class Source final : public PictureFolderSource {
 public:
  Source(std::string folder, const IngestOptions& options, std::vector<Entry> entries,
         gst::FrameSampler sampler)
      : folder_(std::move(folder)),
        options_(options),
        entries_(std::move(entries)),
        sampler_(sampler) {}

  // Reads pictures up to the first that can be read, to learn the size.
  Status Start(TimePoint first);

  [[nodiscard]] Result<FramePtr> Next() override;
  void Stop() override { stopped_ = true; }
  const SourceInfo& info() const override { return info_; }
  Progress progress() const override;
  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  [[nodiscard]] Result<FramePtr> Read();
  void Skip(const std::string& why);

  const std::string folder_;
  const IngestOptions options_;
  const std::vector<Entry> entries_;

  gst::FrameSampler sampler_;
  SourceInfo info_;
  std::string first_name_;  // The picture whose size all others must have.
  FramePtr ahead_;          // Read by Start, not yet given.
  std::size_t next_ = 0;
  Progress progress_;
  std::vector<std::string> warnings_;
  std::atomic<bool> stopped_ = false;
};

Status Source::Start(TimePoint first) {
  info_.start = first;
  info_.frames = static_cast<std::int64_t>(entries_.size());
  info_.duration = entries_.back().at;
  if (entries_.size() > 1 && *info_.duration > nanoseconds::zero()) {
    info_.fps = static_cast<double>(entries_.size() - 1) /
                std::chrono::duration<double>(*info_.duration).count();
  }
  auto frame = Read();
  if (!frame) return frame.error();
  if (*frame == nullptr) {
    return DataLoss(folder_ + ": none of its " + std::to_string(entries_.size()) +
                    " pictures can be read; the first: " + warnings_.front());
  }
  ahead_ = *std::move(frame);
  return {};
}

Result<FramePtr> Source::Next() {
  if (stopped_) return Cancelled(folder_ + ": stopped");
  FramePtr frame = std::exchange(ahead_, nullptr);
  if (frame == nullptr) {
    auto read = Read();
    if (!read) return read;
    frame = *std::move(read);
  }
  if (frame == nullptr) {
    progress_.fraction = 1;
    return frame;
  }
  ++progress_.delivered;
  progress_.at = frame->pts.value_or(progress_.at);
  return frame;
}

// The next picture that is due and can be read; a null pointer at the end.
Result<FramePtr> Source::Read() {
  while (next_ < entries_.size()) {
    if (stopped_) return Cancelled(folder_ + ": stopped");
    const std::size_t index = next_++;
    const Entry& entry = entries_[index];
    // A skipped picture must not use up its interval: ask on a copy, keep it when the picture is
    // good.
    gst::FrameSampler sampler = sampler_;
    if (!sampler.Keep(entry.at)) continue;

    const std::string path = (fs::path(folder_) / entry.name).string();
    auto picture = ReadPicture(path);
    ++progress_.decoded;
    if (!picture) {
      Skip(picture.error().message());
      continue;
    }
    if (info_.width == 0) {
      info_.width = picture->width;
      info_.height = picture->height;
      first_name_ = entry.name;
    } else if (picture->width != info_.width || picture->height != info_.height) {
      next_ = entries_.size();
      return InvalidArgument(path + ": " + std::to_string(picture->width) + "x" +
                             std::to_string(picture->height) + ", but '" + first_name_ + "' is " +
                             std::to_string(info_.width) + "x" + std::to_string(info_.height) +
                             "; give pictures of one size, one camera to a folder");
    }
    sampler_ = sampler;
    auto frame = std::make_shared<Frame>();
    frame->camera = options_.camera;
    frame->captured_at = info_.start + entry.at;
    frame->index = static_cast<std::int64_t>(index);
    frame->pts = entry.at;
    frame->width = picture->width;
    frame->height = picture->height;
    frame->rgb = std::move(picture->rgb);
    BurnIn(options_.privacy_masks, frame->rgb, frame->width, frame->height);
    return frame;
  }
  return FramePtr();
}

void Source::Skip(const std::string& why) {
  ++progress_.skipped;
  if (warnings_.size() < kMaxNamed) {
    warnings_.push_back(why + "; skipped");
  } else {
    warnings_.resize(kMaxNamed);
    warnings_.push_back("and " + std::to_string(progress_.skipped - std::int64_t{kMaxNamed}) +
                        " more pictures that cannot be read; skipped");
  }
}

Progress Source::progress() const {
  Progress progress = progress_;
  if (progress.fraction < 1) {
    progress.fraction = static_cast<double>(next_) / static_cast<double>(entries_.size());
  }
  return progress;
}

}  // namespace

Result<std::unique_ptr<PictureFolderSource>> PictureFolderSource::Open(
    const std::string& folder, const IngestOptions& options) {
  if (Status masks = CheckPrivacyMasks(options.privacy_masks); !masks.ok()) return Failure(masks);
  auto sampler = gst::FrameSampler::Create({.interval = options.interval});
  if (!sampler) return Failure(sampler.error());
  std::error_code error;
  if (!fs::exists(folder, error)) return NotFound(folder + ": no such folder; check the path");
  if (!fs::is_directory(folder, error)) return InvalidArgument(folder + ": not a folder");
  auto entries = PicturesOf(folder);
  if (!entries) return Failure(entries.error());
  const auto first = Date(folder, options, *entries);
  if (!first) return Failure(first.error());
  auto source = std::make_unique<Source>(folder, options, *std::move(entries), *sampler);
  if (Status started = source->Start(*first); !started.ok()) return Failure(started);
  return source;
}

}  // namespace stillwatch::ingest
