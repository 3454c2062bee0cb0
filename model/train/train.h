// Train: teaches an M3Diff network on a folder of pairs.

#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "pipeline/core/status.h"

namespace stillwatch::model {

struct TrainOptions {
  std::string data{};  // Folder of pairs (README.md describes it).
  std::string out{};   // Gets config.json, model.safetensors, tokenizer.json, log.jsonl, state/.
  std::string tokenizer{};  // tokenizer.json; empty: that of `start`.
  std::string tower{};      // Vision tower to start from (safetensors); empty: random.
  std::string start{};      // Model folder to start from instead (its config.json, its weights).
  std::string name = "m3diff-nano";
  bool resume = true;  // Go on from out/state where there is one.

  std::int64_t steps = 4000;
  double minutes = 0;  // Above 0: the schedule also ends after so much training time.
  int batch = 16;      // Pairs a step.
  double learning_rate = 1e-3;
  double tower_learning_rate = 2e-4;
  std::int64_t warmup = 150;  // Steps.
  double weight_decay = 0.05;
  double clip = 1.0;         // Largest gradient norm.
  double ema_decay = 0.998;  // Of the averaged weights, which are what is evaluated and kept.
  double kind_weight = 0.5;  // Of the losses, beside 1 for the caption.
  double changed_weight = 1.0;
  double name_weight = 0.3;  // Of the focus tokens' likeness to the thing's noun.
  int frozen_stages = 5;     // First stages of the tower that keep their weights.
  bool augment = true;
  std::uint64_t seed = 1;
  int threads = 0;        // 0: as many as the machine has.
  bool mixed = true;      // bf16 where the processor has AVX-512 BF16.
  int log_every = 20;     // Steps.
  int check_every = 300;  // Steps between evaluations, each with a checkpoint.
  int check_pairs = 256;  // Validation pairs of such an evaluation.
};

// One line of out/log.jsonl.
struct TrainProgress {
  std::int64_t step = 0;
  double done = 0;  // 0..1 of the schedule.
  double loss = 0, caption_loss = 0, changed_loss = 0, kind_loss = 0;
  double pairs_per_s = 0;
  bool checked = false;  // The fields below are of an evaluation at this step.
  double val_caption_loss = 0, changed_auc = 0, changed_accuracy = 0, kind_accuracy = 0,
         word_f1 = 0, noun_match = 0;
};

// Figures of the finished network.
struct Figures {
  std::int64_t pairs = 0;
  double caption_loss = 0;  // Nats a token, given the true kind.
  double changed_auc = 0;
  double changed_accuracy = 0;  // At probability 0.5.
  double changed_error = 0;     // Expected calibration error, ten bins.
  double kind_accuracy = 0;     // Of the changed pairs.
  double word_f1 = 0;           // Words of the caption against the nearest reference, mean.
  double noun_match = 0;        // Captions of changed pairs that name the thing, of those told.
  double exact = 0;             // Captions equal to a reference.
};

struct TrainReport {
  std::int64_t steps = 0;
  bool stopped = false;  // By request: resume continues.
  double changed_temperature = 1, kind_temperature = 1;
  Figures val{};
  Figures test{};
};

// Runs until the schedule ends, or `stop` is asked for (state is saved; calling again resumes).
// With the same options, data and thread count a resumed run equals an uninterrupted one bit for
// bit, unless `minutes` is set.
//
// kInvalidArgument: options that cannot work.  kNotFound, kDataLoss: data, tokenizer, tower or
// state.  kInternal: the loss is no number any more; the last checkpoint is kept.
//
// Not thread-safe; sets LibTorch's thread count and the allocator's trim threshold of the process.
[[nodiscard]] Result<TrainReport> Train(const TrainOptions& options,
                                        const std::function<void(const TrainProgress&)>& progress,
                                        std::stop_token stop);

// Figures of a model folder on one split ("val" or "test"), at most `limit` pairs (0: all).
// `sample`, where given, gets every pair's, in the order of the set, as they come.
struct Sample {
  std::string id{};
  std::string kind{};            // Truth.
  std::string said_kind{};       // The verdict's.
  std::string likeliest_kind{};  // If something changed.
  double changed_probability = 0;
  std::string truth{};
  std::string caption{};
};
[[nodiscard]] Result<Figures> Evaluate(const std::string& model_folder, const std::string& data,
                                       const std::string& split, int limit, int threads,
                                       const std::function<void(const Sample&)>& sample);

}  // namespace stillwatch::model
