// stillwatch train: teaches M3Diff on composed pairs.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "model/module/loader.h"
#include "model/train/memory_estimate.h"
#include "pipeline/app/command.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/output.h"

namespace stillwatch::app {
namespace {

void PrintFigures(const char* split, const model::Figures& figures) {
  if (figures.pairs == 0) return;
  std::printf(
      "%s (%lld pairs): caption loss %.3f, changed AUC %.3f, changed right %.1f%%, "
      "kind right %.1f%%, words F1 %.3f\n",
      split, static_cast<long long>(figures.pairs), figures.caption_loss, figures.changed_auc,
      100 * figures.changed_accuracy, 100 * figures.kind_accuracy, figures.word_f1);
}

// What the paper's recipe would take for a large network, without running.
Result<Outcome> DryRun(const std::string& size) {
  const auto known = model::FindNetworkSize(size);
  if (!known) return InvalidArgument("--dry-run: wanted onevision-7b or onevision-0.5b");
  std::fputs(model::Describe(*known, {}).c_str(), stdout);
  return Outcome::kFound;
}

Result<Outcome> Run(const model::TrainOptions& options) {
  if (options.data.empty() || options.out.empty()) {
    return InvalidArgument("train: --data and --out are needed");
  }
  const Interrupt interrupt;
  const auto api = model::LoadModelApi();
  if (!api) return Failure(api.error());
  Progress progress("train");
  const auto report = (*api)->train(
      options,
      [&progress](const model::TrainProgress& at) {
        char note[160];
        std::snprintf(note, sizeof note, "step %lld  loss %.3f (caption %.3f)  %.1f pairs/s",
                      static_cast<long long>(at.step), at.loss, at.caption_loss, at.pairs_per_s);
        progress.Show(at.done, note);
        if (!at.checked) return;
        progress.Clear();
        std::fprintf(stderr, "%s; validation: caption %.3f, changed AUC %.3f, kind %.1f%%\n", note,
                     at.val_caption_loss, at.changed_auc, 100 * at.kind_accuracy);
      },
      interrupt.token());
  progress.Clear();
  if (!report) return Failure(report.error());
  if (report->stopped) {
    return Cancelled("stopped after step " + std::to_string(report->steps) + "; state is in " +
                     options.out + "/state, the same command goes on from there");
  }
  PrintFigures("val", report->val);
  PrintFigures("test", report->test);
  std::printf("%s: config.json, model.safetensors, tokenizer.json, log.jsonl\n",
              options.out.c_str());
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddTrain(CLI::App& root) {
  const auto options = std::make_shared<model::TrainOptions>();
  const auto dry_run = std::make_shared<std::string>();
  CLI::App* app = root.add_subcommand("train", "Teach M3Diff on the pairs of `stillwatch data`");
  app->add_option("--data", options->data, "Folder of pairs");
  app->add_option("--out", options->out, "Folder for model, log and state");
  app->add_option("--tokenizer", options->tokenizer, "tokenizer.json (scripts/train_tokenizer.py)");
  app->add_option("--tower", options->tower,
                  "Vision tower to start from (scripts/convert_efficientnet.py)");
  app->add_option("--start", options->start, "Model folder to start from instead");
  app->add_option("--name", options->name)->capture_default_str();
  app->add_option("--steps", options->steps)->capture_default_str();
  app->add_option("--minutes", options->minutes, "End the schedule after so much time, too");
  app->add_option("--batch", options->batch, "Pairs a step")->capture_default_str();
  app->add_option("--learning-rate", options->learning_rate)->capture_default_str();
  app->add_option("--tower-learning-rate", options->tower_learning_rate)->capture_default_str();
  app->add_option("--warmup", options->warmup, "Steps")->capture_default_str();
  app->add_option("--dry-run", *dry_run,
                  "Print the memory that onevision-7b or onevision-0.5b would take, and stop");
  app->add_option("--seed", options->seed)->capture_default_str();
  app->add_option("--threads", options->threads, "0: as many as the machine has");
  app->add_flag("!--fresh", options->resume, "Begin anew where a run was stopped before");
  app->footer("\nCtrl-C saves the state; the same command goes on from there.");
  return {
      {app, [options, dry_run] { return dry_run->empty() ? Run(*options) : DryRun(*dry_run); }}};
}

}  // namespace stillwatch::app
