// stillwatch data: training pairs.

#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "model/data/compose.h"
#include "pipeline/app/command.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/output.h"
#include "pipeline/app/video_library.h"

namespace stillwatch::app {
namespace {

Result<Outcome> Compose(const data::ComposeOptions& options) {
  const Interrupt interrupt;
  const auto video = LoadVideoLibrary();
  if (!video) return Failure(video.error());
  Progress progress("compose");
  const auto report =
      (*video)->compose(options, [&](std::size_t done, std::size_t all, const std::string& what) {
        progress.Show(all == 0 ? -1 : static_cast<double>(done) / static_cast<double>(all),
                      std::to_string(done) + " of " + std::to_string(all) + "  " + what);
        return !interrupt.requested();
      });
  progress.Clear();
  if (!report) return Failure(report.error());
  for (const std::string& folder : report->absent) {
    std::fprintf(stderr, "done without: %s\n", folder.c_str());
  }
  std::printf("%s: %s, %s made now at %.1f pairs/s\n", options.out.c_str(),
              Count(report->count, "pair").c_str(), Count(report->made, "pair").c_str(),
              report->pairs_per_s);
  for (const auto& [kind, count] : report->kinds) {
    std::printf("  %-10s %llu\n", kind.c_str(), static_cast<unsigned long long>(count));
  }
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddData(CLI::App& root) {
  CLI::App* group = root.add_subcommand("data", "Make training pairs");
  group->require_subcommand(1);
  const auto options = std::make_shared<data::ComposeOptions>();
  options->threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  CLI::App* compose = group->add_subcommand(
      "compose", "Pairs of rendered and photographed things on real backgrounds, with captions");
  compose->add_option("--out", options->out, "Folder of the data set; one begun is continued")
      ->required();
  compose->add_option("--count", options->count, "Pairs in the end")
      ->required()
      ->check(CLI::PositiveNumber);
  compose->add_option("--material", options->material,
                      "Photographs and cut-outs (default: only what the program makes itself)");
  compose->add_option("--sprites", options->sprites, "Rendered things (default: OUT/sprites)");
  compose->add_option("--seed", options->seed, "Same seed, same pairs")->capture_default_str();
  compose->add_option("--threads", options->threads)->capture_default_str();
  compose->footer("\nmodel/data/README.md describes the files and the material.");
  return {{compose, [options] { return Compose(*options); }}};
}

}  // namespace stillwatch::app
