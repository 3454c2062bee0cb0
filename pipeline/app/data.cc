// stillwatch data: training pairs.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "model/data/compose.h"
#include "model/data/render_pairs.h"
#include "model/datasets/layout.h"
#include "pipeline/app/command.h"
#include "pipeline/app/import_job.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/output.h"
#include "pipeline/app/video_library.h"

namespace stillwatch::app {
namespace {

// Runs `make` of the video library with a progress bar and tells what came of it.
template <typename Options, typename Make>
Result<Outcome> MakePairs(const char* name, const Options& options, const Make& make) {
  const Interrupt interrupt;
  const auto video = LoadVideoLibrary();
  if (!video) return Failure(video.error());
  Progress progress(name);
  const auto start = std::chrono::steady_clock::now();
  std::size_t first = 0;
  bool begun = false;
  const auto report =
      make(**video, options, [&](std::size_t done, std::size_t all, const std::string& what) {
        if (!begun || done < first) first = done, begun = true;
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        std::array<char, 32> speed{};
        std::snprintf(speed.data(), speed.size(), "%.1f/s",
                      static_cast<double>(done - first) / std::max(spent.count(), 1e-3));
        progress.Show(all == 0 ? -1 : static_cast<double>(done) / static_cast<double>(all),
                      std::to_string(done) + " of " + std::to_string(all) + "  " + speed.data() +
                          "  " + what);
        return !interrupt.requested();
      });
  progress.Clear();
  if (!report) return Failure(report.error());
  for (const std::string& folder : report->absent) {
    std::fprintf(stderr, "done without: %s\n", folder.c_str());
  }
  if (!report->left_out.empty()) {
    std::fprintf(stderr, "%zu models left out; the first: %s\n", report->left_out.size(),
                 report->left_out.front().c_str());
  }
  std::printf("%s: %s, %s made now at %.1f pairs/s\n", options.out.c_str(),
              Count(report->count, "pair").c_str(), Count(report->made, "pair").c_str(),
              report->pairs_per_s);
  for (const auto& [kind, count] : report->kinds) {
    std::printf("  %-10s %llu\n", kind.c_str(), static_cast<unsigned long long>(count));
  }
  return Outcome::kFound;
}

// What both commands take.
template <typename Options>
void AddCommon(CLI::App& command, Options& options) {
  options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  command.add_option("--out", options.out, "Folder of the data set; one begun is continued")
      ->required();
  command.add_option("--count", options.count, "Pairs in the end")
      ->required()
      ->check(CLI::PositiveNumber);
  command.add_option("--seed", options.seed, "Same seed, same pairs")->capture_default_str();
  command.add_option("--threads", options.threads)->capture_default_str();
  command.footer("\nmodel/data/README.md describes the files and the material.");
}

Command AddCompose(CLI::App& group) {
  const auto options = std::make_shared<data::ComposeOptions>();
  CLI::App* compose = group.add_subcommand(
      "compose", "Pairs of rendered and photographed things on real backgrounds, with captions");
  AddCommon(*compose, *options);
  compose->add_option("--material", options->material,
                      "Photographs and cut-outs (default: only what the program makes itself)");
  compose->add_option("--sprites", options->sprites, "Rendered things (default: OUT/sprites)");
  return {compose, [options] {
            return MakePairs("compose", *options,
                             [](const VideoLibrary& video, const auto& how, const auto& progress) {
                               return video.compose(how, progress);
                             });
          }};
}

Command AddRender(CLI::App& group) {
  const auto options = std::make_shared<data::RenderPairsOptions>();
  const auto material = std::make_shared<std::filesystem::path>();
  CLI::App* render = group.add_subcommand(
      "render", "Pairs of ray-traced scenes (rooms, shops, streets, table tops), with captions");
  AddCommon(*render, *options);
  render->add_option("--material", *material,
                     "Folder with models3d/catalog.jsonl (default: only what the program makes "
                     "itself)");
  render->add_option("--libraries", options->libraries, "Folder of the *.sh3f model libraries")
      ->capture_default_str();
  render->add_option("--meshes", options->meshes, "Models made ready (default: OUT/meshes)");
  render->add_option("--pictures", options->pictures, "Write full pictures and masks there, too");
  render->add_option("--size", options->size, "Side of the stored pictures, pixels")
      ->capture_default_str();
  render->add_option("--solids", options->solids, "Share of table-top scenes of plain solids")
      ->capture_default_str();
  render->add_option("--split", options->split,
                     "All pairs are train, val or test (default: 93, 3 and 4 %)");
  render->add_flag("--long-captions", options->long_captions,
                   "Put the long captions among the short ones");
  return {render, [options, material] {
            if (!material->empty()) options->catalogue = *material / "models3d/catalog.jsonl";
            return MakePairs("render", *options,
                             [](const VideoLibrary& video, const auto& how, const auto& progress) {
                               return video.render(how, progress);
                             });
          }};
}

Command AddImport(CLI::App& group) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* app = group.add_subcommand("import", "Pairs of a published data set");
  std::vector<std::string> words;
  std::string wants = "\nLayouts, and the files they look for:\n";
  for (const model::LayoutName& layout : model::Layouts()) {
    words.emplace_back(layout.word);
    wants += "  " + std::string(layout.word) + ": " + std::string(layout.wants) + "\n";
  }
  app->add_option("LAYOUT", options->layout)->required()->check(CLI::IsMember(words));
  app->add_option("FOLDER", options->folder, "The published files")->required();
  app->add_option("--out", options->out, "Folder of the pairs")->required();
  app->add_option("--protocol", options->protocol,
                  "single: a pair's sentences are alternatives; multi: one caption, in a row")
      ->capture_default_str()
      ->check(CLI::IsMember({"single", "multi"}));
  app->add_option("--size", options->size, "Side of the stored pictures, pixels")
      ->capture_default_str()
      ->check(CLI::Range(32, 4096));
  app->add_option("--max-problems", options->max_problems,
                  "Unusable pairs are left out and named; more than so many end the run")
      ->capture_default_str();
  app->footer(wants);
  return {app, [options]() -> Result<Outcome> {
            const auto video = LoadVideoLibrary();
            if (!video) return Failure(video.error());
            return (*video)->import(*options);
          }};
}

}  // namespace

std::vector<Command> AddData(CLI::App& root) {
  CLI::App* group = root.add_subcommand("data", "Make training pairs");
  group->require_subcommand(1);
  return {AddCompose(*group), AddRender(*group), AddImport(*group)};
}

}  // namespace stillwatch::app
