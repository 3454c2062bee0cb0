// stillwatch model bench: how fast a model runs here.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "model/module/loader.h"
#include "pipeline/app/command.h"
#include "pipeline/app/model_source.h"
#include "pipeline/app/output.h"

namespace stillwatch::app {
namespace {

struct Options {
  std::string model{};
  model::BenchOptions bench{};
  OutputFormat output = OutputFormat::kAuto;
};

void PrintLine(const model::BenchRow& row) {
  std::printf("%-32s %12.2f %-8s", row.what.c_str(), row.value, row.unit.c_str());
  if (row.limit > 0) std::printf(" %12.2f %6.0f%%", row.limit, 100 * row.reached);
  if (!row.note.empty())
    std::printf("%s  %s", row.limit > 0 ? "" : "                     ", row.note.c_str());
  std::printf("\n");
  std::fflush(stdout);
}

Result<Outcome> Run(const Options& options) {
  model::BenchOptions bench = options.bench;
  if (!options.model.empty()) {
    auto folder = ModelFolder(options.model);
    if (!folder) return Failure(folder.error());
    bench.model_folder = *std::move(folder);
  }
  const auto api = model::LoadModelApi();
  if (!api) return Failure(api.error());
  const bool jsonl = Resolve(options.output) == OutputFormat::kJsonl;
  if (!jsonl) std::printf("%-32s %12s %-8s %12s %7s\n", "", "measured", "", "limit", "reached");
  const Status status = (*api)->bench(bench, [&](const model::BenchRow& row) {
    if (!jsonl) return PrintLine(row);
    const nlohmann::json line = {{"what", row.what},       {"value", row.value},
                                 {"unit", row.unit},       {"limit", row.limit},
                                 {"reached", row.reached}, {"note", row.note}};
    std::puts(line.dump().c_str());
    std::fflush(stdout);
  });
  if (!status.ok()) return Failure(status);
  return Outcome::kFound;
}

}  // namespace

Command AddModelBench(CLI::App& group) {
  const auto options = std::make_shared<Options>();
  CLI::App* app =
      group.add_subcommand("bench", "How fast a model runs here, and how fast it could");
  app->add_option("MODEL", options->model, "nano, or a checkpoint folder");
  app->add_option("--shape", options->bench.shape,
                  "Random weights of a network of this size instead: 7b, 0.5b or nano");
  app->add_option("--dtype", options->bench.dtype, "auto, fp32, bf16 or int8 (steps read 8 bits)")
      ->capture_default_str();
  app->add_option("--device", options->bench.device, "auto, cpu or cuda")->capture_default_str();
  app->add_option("--threads", options->bench.threads, "0: as many as the machine has")
      ->check(CLI::Range(0, 1024));
  app->add_option("--tokens", options->bench.tokens, "Length of a caption")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app->add_option("--batch", options->bench.batches, "Captions side by side")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app->add_option("--repeats", options->bench.repeats,
                  "Measurements of each part (the median counts)")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app->add_flag("--decoder-only", options->bench.decoder_only, "Without the vision half");
  AddOutputOption(app, &options->output);
  app->footer(
      "\nThe limits come from bandwidths and a large matrix product measured in the same run;\n"
      "`reached` is the share of the limit: 100 % is the best that can be.");
  return {app, [options] { return Run(*options); }};
}

}  // namespace stillwatch::app
