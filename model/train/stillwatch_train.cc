// stillwatch_train: the trainer as a program of its own, for machines with LibTorch only.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "model/train/train.h"

namespace {

using stillwatch::model::TrainOptions;

constexpr const char* kUsage =
    "Usage: stillwatch_train --data DIR --out DIR --tokenizer FILE [--tower FILE | --start DIR]\n"
    "  [--name NAME] [--steps N] [--minutes M] [--batch N] [--lr X] [--tower-lr X] [--warmup N]\n"
    "  [--frozen N] [--ema X] [--seed N] [--threads N] [--check-every N] [--check-pairs N]\n"
    "  [--fp32] [--no-augment] [--no-resume]\n"
    "or:    stillwatch_train --evaluate MODEL --data DIR [--split val|test] [--limit N]\n";

void Print(const stillwatch::model::Figures& f, const char* name) {
  std::printf(
      "%s: pairs %lld caption_loss %.4f changed_auc %.4f changed_accuracy %.4f changed_error %.4f "
      "kind_accuracy %.4f word_f1 %.4f noun_match %.4f exact %.4f\n",
      name, static_cast<long long>(f.pairs), f.caption_loss, f.changed_auc, f.changed_accuracy,
      f.changed_error, f.kind_accuracy, f.word_f1, f.noun_match, f.exact);
}

}  // namespace

int main(int argc, char** argv) {
  TrainOptions options;
  std::string evaluate;
  std::string split = "val";
  int limit = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view key = argv[i];
    if (key == "--fp32") {
      options.mixed = false;
      continue;
    }
    if (key == "--no-augment") {
      options.augment = false;
      continue;
    }
    if (key == "--no-resume") {
      options.resume = false;
      continue;
    }
    if (i + 1 >= argc) {
      std::fputs(kUsage, stderr);
      return 2;
    }
    const char* value = argv[++i];
    if (key == "--data")
      options.data = value;
    else if (key == "--out")
      options.out = value;
    else if (key == "--tokenizer")
      options.tokenizer = value;
    else if (key == "--tower")
      options.tower = value;
    else if (key == "--start")
      options.start = value;
    else if (key == "--name")
      options.name = value;
    else if (key == "--steps")
      options.steps = std::atoll(value);
    else if (key == "--minutes")
      options.minutes = std::atof(value);
    else if (key == "--batch")
      options.batch = std::atoi(value);
    else if (key == "--lr")
      options.learning_rate = std::atof(value);
    else if (key == "--tower-lr")
      options.tower_learning_rate = std::atof(value);
    else if (key == "--warmup")
      options.warmup = std::atoll(value);
    else if (key == "--frozen")
      options.frozen_stages = std::atoi(value);
    else if (key == "--ema")
      options.ema_decay = std::atof(value);
    else if (key == "--seed")
      options.seed = std::strtoull(value, nullptr, 10);
    else if (key == "--threads")
      options.threads = std::atoi(value);
    else if (key == "--check-every")
      options.check_every = std::atoi(value);
    else if (key == "--check-pairs")
      options.check_pairs = std::atoi(value);
    else if (key == "--evaluate")
      evaluate = value;
    else if (key == "--split")
      split = value;
    else if (key == "--limit")
      limit = std::atoi(value);
    else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  if (!evaluate.empty()) {
    const auto figures = stillwatch::model::Evaluate(
        evaluate, options.data, split, limit, options.threads,
        [](const stillwatch::model::Sample& s) {
          std::printf("%s\t%s\t%s\t%.3f\t%s\t%s\n", s.id.c_str(), s.kind.c_str(),
                      s.said_kind.c_str(), s.changed_probability, s.truth.c_str(),
                      s.caption.c_str());
        });
    if (!figures) {
      std::fprintf(stderr, "%s\n", figures.error().message().c_str());
      return 3;
    }
    Print(*figures, split.c_str());
    return 0;
  }

  // Signals are blocked in every thread and waited for in one, which asks the trainer to stop.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([signals, stop]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.request_stop();
  }).detach();

  const auto report = stillwatch::model::Train(
      options,
      [](const stillwatch::model::TrainProgress& p) {
        std::printf("step %lld %.1f%% loss %.3f (caption %.3f changed %.3f kind %.3f) %.1f pairs/s",
                    static_cast<long long>(p.step), p.done * 100, p.loss, p.caption_loss,
                    p.changed_loss, p.kind_loss, p.pairs_per_s);
        if (p.checked) {
          std::printf(" | val caption %.3f auc %.3f accuracy %.3f kind %.3f f1 %.3f noun %.3f",
                      p.val_caption_loss, p.changed_auc, p.changed_accuracy, p.kind_accuracy,
                      p.word_f1, p.noun_match);
        }
        std::printf("\n");
        std::fflush(stdout);
      },
      stop.get_token());
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().message().c_str());
    return 3;
  }
  if (report->stopped) {
    std::printf("stopped at step %lld\n", static_cast<long long>(report->steps));
    return 0;
  }
  std::printf("temperatures: changed %.4f kind %.4f\n", report->changed_temperature,
              report->kind_temperature);
  Print(report->val, "val");
  Print(report->test, "test");
  return 0;
}
