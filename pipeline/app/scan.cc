// stillwatch scan: the change events of video files and picture folders.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/output.h"
#include "pipeline/app/scan_job.h"
#include "pipeline/app/video_library.h"
#include "pipeline/core/time.h"

namespace stillwatch::app {
namespace {

constexpr const char* kFooter = R"(
Prints each lasting change once, when it has settled: kind, place, caption.  A change that
is undone later is printed again, as resolved, under the same id.

  stillwatch scan door.mp4                              events as a table
  stillwatch scan door.mp4 --store events --output jsonl
  stillwatch scan pictures/ --frame-interval 5min       a picture every five minutes
  stillwatch scan mon.mp4 tue.mp4 --camera door --state door.state --store events
  stillwatch scan clip.mp4 --truth clip.truth.json      how good was it?

Exit code 0 when the scan is done, 1 if --truth shows a difference, 3 if it was
interrupted or a file could not be read; what was stored until then stays stored.)";

// Text options that become durations and times; CLI11 gives strings.
struct TextOptions {
  std::string interval{}, settle{}, frame_interval{}, start{};
};

Status ReadTimes(const TextOptions& text, ScanOptions* options) {
  const auto duration = [](const std::string& value, const char* option, auto* to) -> Status {
    if (value.empty()) return {};
    const auto parsed = ParseDuration(value);
    if (!parsed) return parsed.error().WithContext(option);
    if (*parsed <= std::chrono::nanoseconds(0)) {
      return InvalidArgument(std::string(option) + ": must be above zero");
    }
    using Target = typename std::remove_reference_t<decltype(*to)>::value_type;
    *to = std::chrono::duration_cast<Target>(*parsed);
    return {};
  };
  for (const Status& status :
       {duration(text.interval, "--interval", &options->interval),
        duration(text.settle, "--settle", &options->settle),
        duration(text.frame_interval, "--frame-interval", &options->frame_interval)}) {
    if (!status.ok()) return status;
  }
  if (text.start.empty()) return {};
  const auto start = ParseTime(text.start);
  if (!start) return start.error().WithContext("--start");
  options->start = *start;
  return {};
}

}  // namespace

std::vector<Command> AddScan(CLI::App& root) {
  const auto options = std::make_shared<ScanOptions>();
  const auto text = std::make_shared<TextOptions>();
  CLI::App* app = root.add_subcommand("scan", "Change events of video files or picture folders");
  app->add_option("INPUT", options->inputs, "Video files or folders of pictures");
  app->add_option("--interval", text->interval, "Look at a frame every ... (default 2s)");
  app->add_option("--settle", text->settle, "A change must be still for ... (default 8s)");
  app->add_option("--store", options->store, "Keep events and pictures in this store");
  app->add_option("--truth", options->truth, "Score the events against this truth file");
  app->add_option("--state", options->state,
                  "Go on from this file and keep the scene in it: consecutive recordings");
  app->add_option("--save-pairs", options->save_pairs,
                  "Write each event's pictures to this folder");
  app->add_flag("--no-caption", options->no_caption, "Do not load the model");
  app->add_flag("--list-suppressed", options->list_suppressed,
                "Also say what was looked at and not reported, and why (on stderr)");
  app->add_option("--model", options->model, "nano, or a checkpoint folder (default nano)");
  app->add_option("--camera", options->camera,
                  "Name of the camera (default: the file's name), or a camera of --config");
  app->add_option("--config", options->config, "Masks, zones and selection of --camera");
  app->add_option("--frame-interval", text->frame_interval,
                  "Folders: time from picture to picture (default: read from the names)");
  app->add_option("--start", text->start,
                  "Time of the first frame (default: from names, or the file's time)");
  AddOutputOption(app, &options->output);
  app->footer(kFooter);
  return {{app, [options, text]() -> Result<Outcome> {
             if (const Status status = ReadTimes(*text, options.get()); !status.ok()) {
               return Failure(status);
             }
             const auto video = LoadVideoLibrary();
             if (!video) return Failure(video.error());
             return (*video)->scan(*options);
           }}};
}

}  // namespace stillwatch::app
