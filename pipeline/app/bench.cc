// stillwatch bench: how well and how dear, measured on clips whose truth is known.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "pipeline/app/bench_job.h"
#include "pipeline/app/command.h"
#include "pipeline/app/make_clips_job.h"
#include "pipeline/app/output.h"
#include "pipeline/app/video_library.h"
#include "pipeline/core/time.h"

namespace stillwatch::app {
namespace {

constexpr const char* kSelectionFooter = R"(
Runs the selector over a SET, scores every event, and says what it cost.  A SET is a folder
(truth files at any depth, beside their clips) or a list file (pipeline/bench/README.md).

The matching rule: an event finds a listed change if its current picture lies between the
start of the change and 15 s after its end (3 pictures in a series), or until the next change
there, and one of its regions has IoU >= 0.1 with the listed box or its centre in that box
grown by half.  `resolved` counts for the change that restores the scene.  An event that
finds nothing is a false alarm; a second `detected` for one change is told AGAIN.  A camera
event must be of the right type and come within 30 s.  Bays: false alarms inside listed bays
alone, per 100 unchanged bay-steps.

DELAY from the end of a change to its event, median.  CPU seconds per minute of video, all of
it; xDEC times as much as decoding the same file alone.

  stillwatch bench selection clips/ --report report        look at every miss
  stillwatch bench selection clips/ --only light --output jsonl)";

constexpr const char* kClipsFooter = R"(
Makes clips whose truth is known: things left, taken and moved by people, and everything that
is no change: sun, lamps, night, rain, leaves, shaking, crowds, bad links; cameras that are
turned, covered, defocused.  The same seed and material give the same pictures.

  stillwatch bench make-clips clips --seed 1 --material ../shared/training
  stillwatch bench make-clips clips --suite light --seed 1
  stillwatch bench make-clips clips --script mine.script.json

Seeds 1 to 99 are for tuning, 100 and above for reporting.  pipeline/clips/README.md has the
language of scripts.  Without --material things and backgrounds are drawn.)";

// A duration option: text that becomes milliseconds.
void AddDuration(CLI::App* app, const char* name, const char* help,
                 const std::function<void(std::chrono::milliseconds)>& set) {
  app->add_option_function<std::string>(
         name,
         [name, set](const std::string& text) {
           const auto parsed = ParseDuration(text);
           if (!parsed || *parsed < std::chrono::nanoseconds(0)) {
             throw CLI::ValidationError(name, "a duration like 500ms is wanted, found " + text);
           }
           set(std::chrono::duration_cast<std::chrono::milliseconds>(*parsed));
         },
         help)
      ->type_name("DURATION");
}

Command AddSelection(CLI::App* bench) {
  const auto options = std::make_shared<BenchSelectionOptions>();
  CLI::App* app = bench->add_subcommand("selection", "Changes found, false alarms, cost");
  app->add_option("SET", options->sets, "Folders of clips, or list files")->required();
  app->add_option("--only", options->only, "Clips whose name or suite holds this text");
  app->add_option("--report", options->report, "Write a page with the pictures of every mistake");
  app->add_flag("--everything", options->everything,
                "The page also shows what was right, and what was passed over");
  app->add_flag("--verify", options->verify, "Let the model dismiss pairs (needs its library)");
  app->add_option("--dismiss-below", options->dismiss_below,
                  "With --verify: dismiss what the model gives less")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app->add_option("--model", options->model, "nano, or a checkpoint folder (default nano)");
  AddDuration(app, "--interval", "Instead of what the set and the truth files say (default 2s)",
              [options](auto value) { options->interval = value; });
  AddDuration(app, "--settle", "The same (default 8s)",
              [options](auto value) { options->settle = value; });
  AddDuration(app, "--skip", "Begin this much later: sample at other moments",
              [options](auto value) { options->skip = value; });
  app->add_option("--sensitivity", options->sensitivity, "1..100 (default 50)");
  app->add_option("--min-area", options->min_area, "Smallest change, fraction of the picture");
  app->add_flag("!--no-decode", options->measure_decoding, "Do not measure decoding alone");
  AddOutputOption(app, &options->output);
  app->footer(kSelectionFooter);
  return {app, [options]() -> Result<Outcome> {
            const auto video = LoadVideoLibrary();
            if (!video) return Failure(video.error());
            return (*video)->bench_selection(*options);
          }};
}

Command AddMakeClips(CLI::App* bench) {
  const auto options = std::make_shared<MakeClipsOptions>();
  CLI::App* app = bench->add_subcommand("make-clips", "Clips whose truth is known");
  app->add_option("FOLDER", options->folder, "Where the clips go, one folder per suite")
      ->required();
  app->add_option("--suite", options->suites,
                  "light, viewpoint, tamper, change, repeat (default: all five)");
  app->add_option("--seed", options->seed, "What is drawn")->capture_default_str();
  app->add_option("--material", options->material,
                  "Folder of backgrounds and cut-outs (default: drawn ones)");
  app->add_option("--only", options->only, "Clips whose name holds this text");
  app->add_option("--script", options->scripts, "Make these scripts instead of suites");
  app->add_option("--jobs", options->jobs, "Clips made at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app->footer(kClipsFooter);
  return {app, [options]() -> Result<Outcome> {
            const auto video = LoadVideoLibrary();
            if (!video) return Failure(video.error());
            return (*video)->make_clips(*options);
          }};
}

}  // namespace

std::vector<Command> AddBench(CLI::App& root) {
  CLI::App* bench = root.add_subcommand("bench", "Figures on clips whose truth is known");
  bench->require_subcommand(1);
  return {AddSelection(bench), AddMakeClips(bench)};
}

}  // namespace stillwatch::app
