// stillwatch train: teaches M3Diff on composed pairs.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "model/module/loader.h"
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

Result<Outcome> Run(const model::TrainOptions& options) {
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
  CLI::App* app = root.add_subcommand("train", "Teach M3Diff on the pairs of `stillwatch data`");
  app->add_option("--data", options->data, "Folder of pairs")->required();
  app->add_option("--out", options->out, "Folder for model, log and state")->required();
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
  app->add_option("--seed", options->seed)->capture_default_str();
  app->add_option("--threads", options->threads, "0: as many as the machine has");
  app->add_flag("!--fresh", options->resume, "Begin anew where a run was stopped before");
  app->footer("\nCtrl-C saves the state; the same command goes on from there.");
  return {{app, [options] { return Run(*options); }}};
}

}  // namespace stillwatch::app
