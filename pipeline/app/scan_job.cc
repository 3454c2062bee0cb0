#include "pipeline/app/scan_job.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stop_token>
#include <utility>

#include "config/load.h"
#include "pipeline/app/event_flow.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/model_source.h"
#include "pipeline/app/open_store.h"
#include "pipeline/app/pair_writer.h"
#include "pipeline/app/paths.h"
#include "pipeline/bus/event_json.h"
#include "pipeline/ingest/frame_source.h"
#include "pipeline/score/score.h"
#include "pipeline/select/pair_selector.h"
#include "storage/store/event_store.h"

namespace stillwatch::app {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What is opened once for all inputs.
struct Resources {
  std::unique_ptr<model::Captioner> captioner{};
  std::optional<store::EventStore> store{};
  std::optional<PairWriter> pairs{};
  OutputFormat output = OutputFormat::kTable;
  bool list_suppressed = false;
};

// One input with everything that applies to it.
struct Input {
  std::string path{};
  ingest::IngestOptions ingest{};
  select::PairPolicy policy{};
  FlowOptions flow{};
};

Result<std::optional<config::Config>> LoadConfig(const ScanOptions& options) {
  if (options.config.empty()) return std::nullopt;
  auto loaded = config::Load(options.config);
  if (!loaded) return Failure(config::AsStatus(loaded.error()));
  if (options.camera.empty()) {
    return InvalidArgument("--config also needs --camera: whose masks, zones and selection?");
  }
  if (config::Find(*loaded, options.camera) == nullptr) {
    return InvalidArgument(options.config + ": there is no camera '" + options.camera + "'");
  }
  return *std::move(loaded);
}

Input MakeInput(const ScanOptions& options, const config::CameraConfig* camera,
                const std::string& path) {
  Input input{.path = path};
  input.flow.camera = options.camera.empty() ? CameraNameOf(path) : options.camera;
  if (camera != nullptr) {
    input.flow.zones = camera->zones;
    input.policy.interval = camera->selection.interval;
    input.policy.settle = camera->selection.settle;
    input.policy.min_area = camera->selection.min_area;
    input.policy.sensitivity = camera->selection.sensitivity;
    for (const auto& mask : camera->ignore_masks) input.policy.ignore.push_back(mask.coordinates);
    for (const auto& mask : camera->privacy_masks) {
      input.ingest.privacy_masks.push_back(mask.coordinates);
    }
  }
  if (options.interval) input.policy.interval = *options.interval;
  if (options.settle) input.policy.settle = *options.settle;
  input.ingest.interval = input.policy.interval;
  input.ingest.camera = input.flow.camera;
  input.ingest.start = options.start;
  input.ingest.frame_interval = options.frame_interval;
  return input;
}

// Scans one input.  `messages` collects what was printed, for the score.
class Scan {
 public:
  Scan(const Input& input, Resources* resources, ingest::FrameSource* source,
       std::unique_ptr<select::PairSelector> selector)
      : resources_(resources),
        source_(source),
        selector_(std::move(selector)),
        flow_(input.flow, resources->captioner.get(),
              resources->store ? &*resources->store : nullptr),
        camera_(input.flow.camera),
        settle_(input.policy.settle),
        progress_("scan " + input.flow.camera) {}

  Status Run() {
    for (;;) {
      auto frame = source_->Next();
      if (!frame) return frame.error();
      const auto start = Clock::now();
      const select::Selection selection =
          *frame == nullptr ? selector_->Finish() : selector_->Push(*frame);
      const double select_ms = 1000 * SecondsSince(start);
      for (const select::SelectedPair& pair : selection.selected) {
        if (const Status status = Report(pair, select_ms); !status.ok()) return status;
      }
      if (resources_->list_suppressed) ListSuppressed(selection.suppressed);
      if (*frame == nullptr) return {};
      const ingest::Progress at = source_->progress();
      progress_.Show(
          source_->info().duration ? at.fraction : -1,
          Count(events_.size(), "message") + ", at " +
              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(at.at).count()) +
              " s");
    }
  }

  void Summarise(double seconds) {
    progress_.Clear();
    for (const std::string& warning : source_->warnings()) {
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
    }
    const ingest::Progress at = source_->progress();
    const double covered = std::chrono::duration<double>(at.at).count();
    const auto found = std::count_if(events_.begin(), events_.end(), [](const ChangeEvent& event) {
      return event.type == EventType::kChangeDetected;
    });
    std::fprintf(stderr, "%s: %s in %.0f s of video, scanned in %.1f s (%.1f times real time)",
                 camera_.c_str(), Count(static_cast<std::size_t>(found), "change").c_str(), covered,
                 seconds, covered / std::max(seconds, 1e-3));
    if (!flow_.caption_ms().empty()) {
      std::vector<double> ms = flow_.caption_ms();
      std::nth_element(ms.begin(), ms.begin() + static_cast<std::ptrdiff_t>(ms.size() / 2),
                       ms.end());
      std::fprintf(stderr, ", %.0f ms a caption", ms[ms.size() / 2]);
    }
    std::fputs("\n", stderr);
    std::string suppressed;
    for (int i = 0; i < kSuppressionReasonCount; ++i) {
      const auto reason = static_cast<SuppressionReason>(i);
      const std::uint64_t n = selector_->stats().suppressed[i] +
                              (reason == SuppressionReason::kModelSaysSame ? flow_.dismissed() : 0);
      if (n > 0) suppressed += " " + std::to_string(n) + " " + std::string(Name(reason));
    }
    if (!suppressed.empty()) {
      std::fprintf(stderr, "looked at and not reported:%s\n", suppressed.c_str());
    }
    // The defaults are meant for cameras that watch for days.
    constexpr double kShort = 600;  // Seconds.  A guess.
    if (events_.empty() && covered < kShort && settle_ >= std::chrono::seconds(8)) {
      std::fprintf(stderr,
                   "nothing stayed changed for %s; in short recordings try --interval 500ms "
                   "--settle 2s\n",
                   FormatDuration(settle_).c_str());
    }
  }

  const std::vector<ChangeEvent>& events() const { return events_; }

 private:
  void ListSuppressed(const std::vector<select::SuppressedPair>& pairs) {
    for (const select::SuppressedPair& pair : pairs) {
      progress_.Clear();
      const Region box = BoundingBox(pair.regions);
      std::fprintf(stderr,
                   "not reported: %s at %.1f s, around %.0f%%,%.0f%% (score %.2f, changed %.2f%%, "
                   "light %.3f, shift %.1f px)\n",
                   std::string(Name(pair.reason)).c_str(),
                   pair.at.pts ? std::chrono::duration<double>(*pair.at.pts).count() : 0,
                   100 * (box.x + box.w / 2), 100 * (box.y + box.h / 2), pair.why.score,
                   100 * pair.why.changed_ratio, pair.why.illumination_delta, pair.why.aligned_px);
    }
  }

  Status Report(const select::SelectedPair& pair, double select_ms) {
    const auto event = flow_.Take(pair, select_ms);
    if (!event) return event.error();
    if (!*event) return {};
    if (resources_->pairs) {
      if (const Status status = resources_->pairs->Write(pair, **event); !status.ok())
        return status;
    }
    progress_.Clear();
    if (resources_->output == OutputFormat::kJsonl) {
      std::puts(bus::EncodeEvent(**event).c_str());
    } else {
      if (events_.empty()) std::fputs(EventLineHeader().c_str(), stdout);
      std::fputs(EventLine(**event).c_str(), stdout);
    }
    std::fflush(stdout);
    events_.push_back(**event);
    return {};
  }

  Resources* const resources_;
  ingest::FrameSource* const source_;
  const std::unique_ptr<select::PairSelector> selector_;
  EventFlow flow_;
  const std::string camera_;
  const std::chrono::milliseconds settle_;
  Progress progress_;
  std::vector<ChangeEvent> events_;
};

Result<Outcome> PrintScore(const std::string& path, const std::vector<ChangeEvent>& events,
                           const ingest::SourceInfo& info, OutputFormat output) {
  const auto truth = score::LoadTruth(path);
  if (!truth) return Failure(truth.error());
  const score::ScoreReport report = score::Score(*truth, events, info.fps, info.width, info.height);
  // Programs get events alone on stdout.
  std::FILE* out = output == OutputFormat::kJsonl ? stderr : stdout;
  std::fprintf(out, "\n%s", score::FormatReport(report).c_str());
  const bool perfect =
      report.found == report.total && report.false_alarms == 0 && report.duplicates == 0;
  return perfect ? Outcome::kFound : Outcome::kNothing;
}

// A damaged or missing input is not a mistake in the call: exit code 3, not 2.
Failure AsUnreadable(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument ? Unavailable(status.message())
                                                       : Failure(status);
}

Result<Outcome> ScanOne(const Input& input, const ScanOptions& options, Resources* resources,
                        const Interrupt& interrupt) {
  if (input.policy.settle < input.policy.interval) {
    return InvalidArgument("--settle (" + FormatDuration(input.policy.settle) +
                           ") must be at least --interval (" +
                           FormatDuration(input.policy.interval) + ")");
  }
  auto selector = select::PairSelector::Create(input.policy, input.flow.camera);
  if (!selector) return Failure(selector.error());
  auto source = ingest::OpenFrameSource(input.path, input.ingest);
  if (!source) return AsUnreadable(source.error());
  const std::stop_callback stop(interrupt.token(), [&source] { (*source)->Stop(); });

  const auto start = Clock::now();
  Scan scan(input, resources, source->get(), *std::move(selector));
  const Status status = scan.Run();
  scan.Summarise(SecondsSince(start));
  if (status.code() == StatusCode::kCancelled) {
    return Cancelled("interrupted; " + Count(scan.events().size(), "message") +
                     (options.store.empty() ? " printed" : " printed and stored"));
  }
  if (!status.ok()) return AsUnreadable(status);
  if (options.truth.empty()) return Outcome::kFound;
  return PrintScore(options.truth, scan.events(), (*source)->info(), resources->output);
}

}  // namespace

Result<Outcome> RunScan(const ScanOptions& options) {
  const auto config = LoadConfig(options);
  if (!config) return Failure(config.error());
  const config::CameraConfig* camera = *config ? config::Find(**config, options.camera) : nullptr;
  std::vector<std::string> inputs = options.inputs;
  if (inputs.empty() && camera != nullptr) inputs.push_back(camera->source);
  if (inputs.empty()) return InvalidArgument("scan: name a video file or a folder of pictures");
  if (!options.truth.empty() && inputs.size() > 1) {
    return InvalidArgument("--truth belongs to one input; scan them one by one");
  }

  const Interrupt interrupt;
  Resources resources{.output = Resolve(options.output),
                      .list_suppressed = options.list_suppressed};
  if (!options.no_caption) {
    std::string model = options.model;
    int max_tokens = 0;
    if (*config) {
      const config::ModelConfig& chosen = (*config)->model;
      if (model.empty()) model = chosen.checkpoint.empty() ? chosen.name : chosen.checkpoint;
      max_tokens = chosen.max_tokens.value_or(0);
    }
    auto captioner = OpenModel(model.empty() ? "nano" : model, {.max_tokens = max_tokens});
    if (!captioner) return AsUnreadable(captioner.error());
    resources.captioner = *std::move(captioner);
  }
  if (!options.store.empty()) {
    auto store = OpenStore(options.store, store::OpenMode::kCreate);
    if (!store) return Failure(store.error());
    resources.store = *std::move(store);
  }
  if (!options.save_pairs.empty()) {
    auto pairs = PairWriter::Open(options.save_pairs);
    if (!pairs) return Failure(pairs.error());
    resources.pairs = *std::move(pairs);
  }

  Outcome outcome = Outcome::kFound;
  for (const std::string& path : inputs) {
    const auto one = ScanOne(MakeInput(options, camera, path), options, &resources, interrupt);
    if (!one) return Failure(one.error());
    if (*one == Outcome::kNothing) outcome = Outcome::kNothing;
  }
  return outcome;
}

}  // namespace stillwatch::app
