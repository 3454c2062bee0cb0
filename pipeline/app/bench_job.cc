#include "pipeline/app/bench_job.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "pipeline/app/event_flow.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/model_source.h"
#include "pipeline/bench/clip_set.h"
#include "pipeline/bench/html_report.h"
#include "pipeline/bench/result_json.h"
#include "pipeline/bench/run_clip.h"
#include "pipeline/bench/totals.h"

namespace stillwatch::app {
namespace {

std::string Fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string Of(int part, int whole) {
  return whole > 0 ? std::to_string(part) + "/" + std::to_string(whole) : "-";
}

std::string SuppressedText(const std::array<std::uint64_t, kSuppressionReasonCount>& counts) {
  std::string text;
  for (int i = 0; i < kSuppressionReasonCount; ++i) {
    const std::uint64_t count = counts[static_cast<std::size_t>(i)];
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::to_string(count) + " " + std::string(Name(static_cast<SuppressionReason>(i)));
  }
  return text;
}

std::vector<std::string> Row(const bench::Totals& totals) {
  std::string alarms = std::to_string(totals.false_alarms);
  if (totals.bay_steps > 0) {
    alarms = std::to_string(totals.false_alarms + totals.bay_alarms) + " (" +
             Fixed(totals.alarms_per_100_steps(), 2) + "/100)";
  } else if (totals.hours <= 0 && totals.unjudged > 0) {
    alarms = std::to_string(totals.unjudged) + " events";
  }
  std::string camera = Of(totals.camera_found, totals.camera_events);
  if (totals.camera_false_alarms > 0) camera += " +" + std::to_string(totals.camera_false_alarms);
  return {totals.name,
          Of(totals.found, totals.changes),
          Of(totals.kinds_right, totals.found),
          alarms,
          std::to_string(totals.duplicates),
          totals.delays_s.empty() ? "-" : Fixed(bench::Median(totals.delays_s), 1) + "s",
          camera,
          Fixed(totals.minutes, 1),
          totals.video_minutes > 0 ? Fixed(totals.cpu_per_minute(), 2) : "-",
          totals.decode_cpu_s > 0 ? Fixed(totals.decode_ratio(), 2) : "-",
          SuppressedText(totals.suppressed)};
}

void PrintTable(const std::vector<bench::ClipResult>& results) {
  Table table({"CLIP", "FOUND", "KIND", "FALSE", "AGAIN", "DELAY", "CAMERA", "MIN", "CPU", "xDEC",
               "PASSED OVER"});
  for (const bench::ClipResult& result : results) {
    bench::Totals one{.name = result.clip.name};
    bench::Add(result, &one);
    table.Add(Row(one));
  }
  const std::vector<bench::Totals> totals = bench::TotalsOf(results);
  for (const bench::Totals& each : totals) table.Add(Row(each));
  std::printf("%s", table.Format().c_str());
  for (const bench::Totals& each : totals) {
    if (each.hours <= 0) continue;
    std::printf("%s: %s false alarms per camera-hour, %s per camera-day (%d in %s hours)\n",
                each.name.c_str(), Fixed(each.alarms_per_hour(), 2).c_str(),
                Fixed(24 * each.alarms_per_hour(), 1).c_str(), each.false_alarms,
                Fixed(each.hours, 2).c_str());
    if (each.camera_events > 0) {
      std::printf(
          "%s: camera events %d of %d, %d of a wrong type, %d again, %d false; "
          "%d change events in their time\n",
          each.name.c_str(), each.camera_found, each.camera_events, each.camera_wrong_type,
          each.camera_duplicates, each.camera_false_alarms, each.changes_in_trouble);
    }
  }
}

bool Wanted(const bench::Clip& clip, const std::string& only) {
  return only.empty() || clip.name.find(only) != std::string::npos ||
         clip.suite.find(only) != std::string::npos;
}

bench::RunOptions RunOptionsOf(const BenchSelectionOptions& options) {
  bench::RunOptions run{.interval = options.interval,
                        .settle = options.settle,
                        .skip = options.skip,
                        .keep_pictures = !options.report.empty(),
                        .measure_decoding = options.measure_decoding};
  if (options.min_area) run.policy.min_area = *options.min_area;
  if (options.sensitivity) run.policy.sensitivity = *options.sensitivity;
  return run;
}

}  // namespace

Result<Outcome> RunBenchSelection(const BenchSelectionOptions& options) {
  std::vector<bench::Clip> clips;
  for (const std::string& path : options.sets) {
    auto set = bench::LoadClipSet(path);
    if (!set) return Failure(set.error());
    for (bench::Clip& clip : set->clips) {
      if (Wanted(clip, options.only)) clips.push_back(std::move(clip));
    }
  }
  if (clips.empty()) return InvalidArgument("--only " + options.only + ": no clip is called so");

  const Interrupt interrupt;
  std::unique_ptr<model::Captioner> captioner;
  if (options.verify) {
    auto opened = OpenModel(options.model.empty() ? "nano" : options.model);
    if (!opened) return Failure(opened.error());
    captioner = *std::move(opened);
  }
  const bench::RunOptions run = RunOptionsOf(options);
  const OutputFormat output = Resolve(options.output);
  std::vector<bench::ClipResult> results;
  std::size_t failed = 0;
  Progress progress("bench");
  for (std::size_t i = 0; i < clips.size() && !interrupt.requested(); ++i) {
    progress.Show(static_cast<double>(i) / static_cast<double>(clips.size()), clips[i].name);
    EventFlow flow({.camera = clips[i].name, .dismiss_below = options.dismiss_below},
                   captioner.get(), nullptr);
    auto result = bench::RunClip(
        clips[i], run, [&flow](const select::SelectedPair& pair) { return flow.Take(pair, 0); });
    progress.Clear();
    if (!result) {
      std::fprintf(stderr, "not run: %s\n", result.error().message().c_str());
      ++failed;
      continue;
    }
    for (const std::string& warning : result->warnings) {
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
    }
    if (output == OutputFormat::kJsonl) {
      std::puts(bench::ResultJson(*result).c_str());
      std::fflush(stdout);
    }
    results.push_back(*std::move(result));
  }
  if (output == OutputFormat::kJsonl) {
    for (const bench::Totals& totals : bench::TotalsOf(results)) {
      std::puts(bench::TotalsJson(totals).c_str());
    }
  } else {
    PrintTable(results);
  }
  if (!options.report.empty()) {
    const std::string title = "Selection over " + Count(results.size(), "clip") +
                              (options.verify ? ", verified by the model" : "");
    const Status written = bench::WriteHtmlReport(
        options.report, {.title = title, .everything = options.everything}, results);
    if (!written.ok()) return Failure(written);
    std::fprintf(stderr, "report: %s/index.html\n", options.report.c_str());
  }
  if (interrupt.requested()) return Cancelled("interrupted; these are the figures until then");
  if (failed > 0) return Unavailable(Count(failed, "clip") + " could not be run");
  return Outcome::kFound;
}

}  // namespace stillwatch::app
