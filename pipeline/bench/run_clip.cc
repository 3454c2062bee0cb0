#include "pipeline/bench/run_clip.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <memory>
#include <utility>

#include "pipeline/bench/decode_only.h"
#include "pipeline/bus/jpeg.h"
#include "pipeline/ingest/frame_source.h"

namespace stillwatch::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int kReportJpegQuality = 85;          // Enough to judge by eye; reports stay mailable.
constexpr std::size_t kMostPassedOver = 20000;  // Listed; all are counted.

// Where in the stream a listed change begins and has settled, in frames.
struct Window {
  std::int64_t before = 0;  // Last frame of the old scene.
  std::int64_t after = 0;   // First frame that surely shows the new one.
};

std::vector<Window> WindowsOf(const ClipResult& result) {
  std::vector<Window> windows;
  const auto settle = static_cast<std::int64_t>(
      std::llround(std::chrono::duration<double>(result.settle).count() * result.fps));
  if (result.clip.truth) {
    for (const score::TruthChange& change : result.clip.truth->changes) {
      const std::int64_t over = std::max(change.last_frame, change.clear_from);
      windows.push_back({change.first_frame - 1, over + std::max<std::int64_t>(1, settle)});
    }
  } else if (result.clip.bays) {
    for (const score::BayChange& change : result.clip.bays->changes) {
      windows.push_back({change.picture - 1, change.picture});
    }
  }
  return windows;
}

// Keeps the pictures that a report may want, each once.  Its own CPU time is left out of the
// figures.  Not thread-safe: belongs to one run.
class Album {
 public:
  Album(bool keep, ClipResult* result) : keep_(keep), result_(result) {}

  int Add(const FramePtr& frame) {
    if (!keep_ || frame == nullptr) return -1;
    for (const Kept& kept : recent_) {
      if (kept.frame == frame) return kept.place;
    }
    const double start = ThreadCpuSeconds();
    const auto jpeg = bus::EncodeJpeg(*frame, kReportJpegQuality);
    cpu_s_ += ThreadCpuSeconds() - start;
    if (!jpeg) return -1;
    result_->jpegs.push_back(*jpeg);
    const int place = static_cast<int>(result_->jpegs.size()) - 1;
    recent_.push_back({place, frame});
    if (recent_.size() > kRecent) recent_.pop_front();
    return place;
  }

  double cpu_s() const { return cpu_s_; }

 private:
  static constexpr std::size_t kRecent = 16;  // A picture that returns later is kept twice.
  struct Kept {
    int place = -1;
    FramePtr frame{};
  };
  const bool keep_;
  ClipResult* const result_;
  std::deque<Kept> recent_;
  double cpu_s_ = 0;
};

// Pictures of the scene before and after each listed change, caught as the samples go by.
class Bystander {
 public:
  Bystander(const ClipResult& result, Album* album)
      : windows_(WindowsOf(result)), pictures_(windows_.size()), album_(album) {}

  void See(const FramePtr& frame) {
    const std::int64_t index = frame->index.value_or(-1);
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      if (pictures_[i].before < 0 && last_ != nullptr && index > windows_[i].before) {
        pictures_[i].before = album_->Add(last_);
      }
      if (pictures_[i].after < 0 && index >= windows_[i].after) {
        pictures_[i].after = album_->Add(frame);
      }
    }
    last_ = frame;
  }

  std::vector<ChangePictures> Finish() {
    for (ChangePictures& pictures : pictures_) {
      if (pictures.before < 0) pictures.before = album_->Add(last_);
      if (pictures.after < 0) pictures.after = album_->Add(last_);
    }
    return pictures_;
  }

 private:
  const std::vector<Window> windows_;
  std::vector<ChangePictures> pictures_;
  Album* const album_;
  FramePtr last_{};
};

class Run {
 public:
  Run(const RunOptions& options, const MakeEvent& make_event, ingest::FrameSource* source,
      std::unique_ptr<select::PairSelector> selector, ClipResult* result)
      : options_(options),
        make_event_(make_event),
        source_(source),
        selector_(std::move(selector)),
        result_(result),
        album_(options.keep_pictures, result),
        bystander_(*result, &album_) {}

  Status All() {
    nanoseconds next = options_.skip;
    FramePtr newest;
    for (;;) {
      auto frame = source_->Next();
      if (!frame) return frame.error();
      if (*frame == nullptr) break;
      const nanoseconds pts = (*frame)->pts.value_or(nanoseconds(0));
      if (options_.skip.count() > 0) {  // The source gives every frame: thinned here.
        if (pts < next) continue;
        while (next <= pts) next += result_->interval;
      }
      newest = *std::move(frame);
      ++result_->samples;
      if (options_.keep_pictures) bystander_.See(newest);
      if (Status status = Take(newest, false); !status.ok()) return status;
    }
    if (newest == nullptr) return DataLoss("no frame could be read");
    if (Status status = Take(newest, true); !status.ok()) return status;
    if (options_.keep_pictures) result_->change_pictures = bystander_.Finish();
    for (int i = 0; i < kSuppressionReasonCount; ++i) {
      const auto at = static_cast<std::size_t>(i);
      result_->suppressed[at] += selector_->stats().suppressed[at];
    }
    return {};
  }

  double album_cpu_s() const { return album_.cpu_s(); }

 private:
  Status Take(const FramePtr& frame, bool end) {
    const double start = ThreadCpuSeconds();
    const select::Selection selection = end ? selector_->Finish() : selector_->Push(frame);
    result_->select_cpu_s += ThreadCpuSeconds() - start;
    for (const select::SelectedPair& pair : selection.selected) {
      auto event = make_event_(pair);
      if (!event) return event.error();
      if (!*event) {
        selector_->Dismiss(pair.event_id);
        ++result_->suppressed[static_cast<std::size_t>(SuppressionReason::kModelSaysSame)];
        Pass({.reason = SuppressionReason::kModelSaysSame,
              .at = MomentOf(*pair.current),
              .regions = pair.regions,
              .why = pair.why},
             pair.current);
        continue;
      }
      result_->events.push_back(**std::move(event));
      result_->told.push_back(
          {.frame = frame->index.value_or(0),
           .at_s = std::chrono::duration<double>(frame->pts.value_or(nanoseconds(0))).count(),
           .reference = album_.Add(pair.reference),
           .current = album_.Add(pair.current)});
    }
    for (const select::SuppressedPair& pair : selection.suppressed) Pass(pair, frame);
    return {};
  }

  void Pass(const select::SuppressedPair& pair, const FramePtr& frame) {
    if (result_->passed_over.size() >= kMostPassedOver) return;
    result_->passed_over.push_back({pair, album_.Add(frame)});
  }

  const RunOptions& options_;
  const MakeEvent& make_event_;
  ingest::FrameSource* const source_;
  const std::unique_ptr<select::PairSelector> selector_;
  ClipResult* const result_;
  Album album_;
  Bystander bystander_;
};

void ScoreAll(ClipResult* result) {
  const Clip& clip = result->clip;
  if (clip.bays) result->bays = score::ScoreBays(*clip.bays, result->events);
  if (!clip.truth) return;
  std::vector<score::CameraMessage> messages;
  for (std::size_t i = 0; i < result->events.size(); ++i) {
    messages.push_back(score::CameraMessageOf(result->events[i], result->told[i].frame));
  }
  result->score =
      score::Score(*clip.truth, result->events, result->fps, result->width, result->height);
  result->camera = score::ScoreCamera(*clip.truth, messages, result->fps);
}

}  // namespace

Result<ClipResult> RunClip(const Clip& clip, const RunOptions& options,
                           const MakeEvent& make_event) {
  ClipResult result{.clip = clip};
  select::PairPolicy policy = options.policy;
  const auto choose = [](const auto& first, const auto& second, milliseconds otherwise) {
    return first ? *first : second ? *second : otherwise;
  };
  policy.interval = choose(options.interval, clip.settings.interval, policy.interval);
  policy.settle = choose(options.settle, clip.settings.settle, policy.settle);
  policy.settle = std::max(policy.settle, policy.interval);
  result.interval = policy.interval;
  result.settle = policy.settle;

  const double start = ProcessCpuSeconds();
  auto selector = select::PairSelector::Create(policy, clip.name);
  if (!selector) return Failure(selector.error());
  // A fixed start: ids and times are the same in every run.
  const TimePoint begin{std::chrono::seconds(1767225600)};  // 2026-01-01.
  auto source = ingest::OpenFrameSource(
      clip.media.string(),
      {.interval = options.skip.count() > 0 ? milliseconds(1) : policy.interval,
       .camera = clip.name,
       .start = begin,
       .frame_interval = clip.settings.frame_interval});
  if (!source) return Failure(source.error());
  const ingest::SourceInfo info = (*source)->info();
  result.width = info.width;
  result.height = info.height;
  result.fps = clip.truth && clip.truth->fps > 0 ? clip.truth->fps : info.fps;
  if (clip.settings.frame_interval) {
    result.fps = 1 / std::chrono::duration<double>(*clip.settings.frame_interval).count();
  }

  Run run(options, make_event, source->get(), *std::move(selector), &result);
  if (Status status = run.All(); !status.ok()) return Failure(status.WithContext(clip.name));
  result.covered_s = std::chrono::duration<double>((*source)->progress().at).count();
  result.warnings = (*source)->warnings();
  source->reset();
  result.scan_cpu_s = ProcessCpuSeconds() - start - run.album_cpu_s();

  std::error_code error;
  result.series = std::filesystem::is_directory(clip.media, error);
  if (options.measure_decoding && !result.series) {
    const auto decoding = DecodeOnly(clip.media);
    if (decoding) result.decode_cpu_s = *decoding;
  }
  ScoreAll(&result);
  return result;
}

double DelayOf(const ClipResult& result, const score::ChangeScore& change) {
  if (!change.message) return 0;
  const std::int64_t over = std::max(change.change.last_frame, change.change.clear_from);
  const double over_s = result.fps > 0 ? static_cast<double>(over) / result.fps : 0;
  return result.told[*change.message].at_s - over_s;
}

}  // namespace stillwatch::bench
