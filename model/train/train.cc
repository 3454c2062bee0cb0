#include "model/train/train.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>
#include <nlohmann/json.hpp>

#include "model/m3diff/precision.h"
#include "model/train/batch_torch.h"
#include "model/train/evaluate_torch.h"
#include "model/train/metrics.h"
#include "model/train/optimizer_torch.h"
#include "model/train/random.h"
#include "model/train/text_file.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr int kSamplesInLog = 6;

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

Status Check(const TrainOptions& o) {
  if (o.data.empty() || o.out.empty()) return InvalidArgument("train: data and out are needed");
  if (o.tokenizer.empty()) {
    return InvalidArgument("train: a tokenizer.json is needed (or a model folder to start from)");
  }
  if (o.steps < 1 || o.batch < 1 || o.batch > 4096) {
    return InvalidArgument("train: steps and batch must be 1 or more (batch at most 4096)");
  }
  if (!(o.learning_rate > 0) || !(o.tower_learning_rate >= 0) || !(o.clip > 0) ||
      !(o.ema_decay >= 0 && o.ema_decay < 1) || o.warmup < 0 || o.log_every < 1 ||
      o.check_every < 1 || o.frozen_stages < 0) {
    return InvalidArgument("train: a rate, a period or the averaging is out of range");
  }
  return {};
}

// Where a run stands; stored in the state file as int64 numbers in this order.
struct Place {
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  std::int64_t position = 0;     // In the epoch's order.
  std::int64_t epoch_pairs = 0;  // Pairs the set held when the epoch began.
  std::int64_t trained_ms = 0;
};

// One run.  Not thread-safe: Train's own.
class Trainer {
 public:
  Trainer(const TrainOptions& options, M3DiffConfig config, Tokenizer tokenizer, PairSet set)
      : options_(options),
        config_(std::move(config)),
        tokenizer_(std::move(tokenizer)),
        set_(std::move(set)),
        mixed_(options.mixed && PrefersBf16()),
        threads_(at::get_num_threads()),
        network_(config_),
        average_(config_) {}

  Status Start() {
    if (Status s = LoadStart(); !s.ok()) return s;
    network_->tower().Freeze(options_.frozen_stages);
    {
      const torch::NoGradGuard no_grad;
      const auto from = network_->parameters();
      const auto to = average_->parameters();
      for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]).set_requires_grad(false);
    }
    optimizer_.emplace(network_, average_, options_.weight_decay);
    std::error_code error;
    fs::create_directories(options_.out + "/state", error);
    if (error) return Unavailable(options_.out + ": " + error.message());
    if (options_.resume && fs::exists(StatePath())) return Resume();
    return NewEpoch();
  }

  Result<TrainReport> Run(const std::function<void(const TrainProgress&)>& progress,
                          const std::stop_token& stop) {
    log_.open(options_.out + "/log.jsonl", std::ios::app);
    at::set_num_threads(1);  // Work is shared out in whole pairs; see Step.
    auto mark = SteadyClock::now();
    auto segment = mark;
    std::int64_t pairs = 0;
    TrainProgress sums;
    std::int64_t summed = 0;
    while (Done() < 1 && !stop.stop_requested()) {
      TrainProgress now;
      if (Status s = Step(now); !s.ok()) return tl::unexpected(s);
      place_.trained_ms += static_cast<std::int64_t>(SecondsSince(segment) * 1000);
      segment = SteadyClock::now();
      pairs += options_.batch;
      sums.loss += now.loss;
      sums.caption_loss += now.caption_loss;
      sums.changed_loss += now.changed_loss;
      sums.kind_loss += now.kind_loss;
      ++summed;
      const bool check = place_.step % options_.check_every == 0;
      if (place_.step % options_.log_every != 0 && !check) continue;
      const auto n = static_cast<double>(summed);
      TrainProgress line{.step = place_.step,
                         .done = Done(),
                         .loss = sums.loss / n,
                         .caption_loss = sums.caption_loss / n,
                         .changed_loss = sums.changed_loss / n,
                         .kind_loss = sums.kind_loss / n,
                         .pairs_per_s = static_cast<double>(pairs) / SecondsSince(mark)};
      if (check) {
        CheckUp(line);
        if (Status s = SaveState(); !s.ok()) return tl::unexpected(s);
        if (Status s = Export(); !s.ok()) return tl::unexpected(s);
      }
      Log(line);
      if (progress) progress(line);
      sums = {};
      summed = 0;
      pairs = 0;
      mark = segment = SteadyClock::now();
    }
    TrainReport report{.steps = place_.step, .stopped = Done() < 1};
    if (Status s = SaveState(); !s.ok()) return tl::unexpected(s);
    if (!report.stopped) Finish(report);
    if (Status s = Export(); !s.ok()) return tl::unexpected(s);
    return report;
  }

 private:
  std::string StatePath() const { return options_.out + "/state/state.safetensors"; }

  double Done() const {
    double done = static_cast<double>(place_.step) / static_cast<double>(options_.steps);
    if (options_.minutes > 0) {
      done = std::max(done, static_cast<double>(place_.trained_ms) / 60000 / options_.minutes);
    }
    return std::min(done, 1.0);
  }

  Status LoadStart() {
    if (!options_.start.empty()) {
      const auto checkpoint = Checkpoint::Open(options_.start);
      if (!checkpoint) return checkpoint.error();
      return LoadWeights(*network_, *checkpoint);
    }
    if (options_.tower.empty()) return {};
    const auto checkpoint = Checkpoint::Open(options_.tower);
    if (!checkpoint) return checkpoint.error();
    // The taps are not the tower's: they start at random.
    for (const auto& child : network_->tower().named_children()) {
      if (child.key().starts_with("tap")) continue;
      if (Status s = LoadWeights(*child.value(), *checkpoint, "vision_tower." + child.key() + ".");
          !s.ok()) {
        return s;
      }
    }
    return {};
  }

  Status Resume() {
    const auto checkpoint = Checkpoint::Open(StatePath());
    if (!checkpoint) return checkpoint.error();
    if (Status s = optimizer_->Restore(*checkpoint); !s.ok()) return s.WithContext(StatePath());
    const std::vector<std::int64_t> shape = {5};
    const auto view = checkpoint->Get("place", shape);
    if (!view) return view.error().WithContext(StatePath());
    const auto stored = ToTensor(*view, "place");
    if (!stored) return stored.error();
    if (stored->is_floating_point()) return DataLoss(StatePath() + ": place: wanted integers");
    const auto* numbers = stored->data_ptr<std::int64_t>();
    place_ = {.step = numbers[0],
              .epoch = numbers[1],
              .position = numbers[2],
              .epoch_pairs = numbers[3],
              .trained_ms = numbers[4]};
    if (*std::min_element(numbers, numbers + 5) < 0 || place_.epoch_pairs > set_.count()) {
      return DataLoss(StatePath() + ": was written for a larger set of pairs than " +
                      options_.data + " holds");
    }
    return Shuffle();
  }

  // The order of the epoch: a permutation named by seed and epoch.
  Status Shuffle() {
    order_ = set_.Indices(Split::kTrain);
    std::erase_if(order_, [&](std::int64_t index) { return index >= place_.epoch_pairs; });
    if (order_.empty()) return InvalidArgument(options_.data + ": no pairs to train on");
    CounterRandom random(options_.seed, 2, static_cast<std::uint64_t>(place_.epoch));
    for (std::size_t i = order_.size(); i > 1; --i) {
      std::swap(order_[i - 1], order_[random.Below(i)]);
    }
    return {};
  }

  Status NewEpoch() {
    if (Status s = set_.Refresh(); !s.ok()) return s;
    place_.epoch_pairs = set_.count();
    place_.position = 0;
    return Shuffle();
  }

  // The indices of the next step's pairs.
  Status NextPairs(std::vector<std::int64_t>& indices) {
    while (indices.size() < static_cast<std::size_t>(options_.batch)) {
      if (place_.position >= static_cast<std::int64_t>(order_.size())) {
        ++place_.epoch;
        if (Status s = NewEpoch(); !s.ok()) return s;
      }
      indices.push_back(order_[static_cast<std::size_t>(place_.position++)]);
    }
    return {};
  }

  // What one worker makes of its part of a batch.
  struct Part {
    TrainProgress losses{};
    std::vector<torch::Tensor> gradients{};
    std::string failure{};
  };

  // Losses and gradients of some pairs.  Runs on several threads at once: reads what they share.
  void Work(std::span<const std::int64_t> indices, std::uint64_t position,
            const std::vector<torch::Tensor>& parameters, Part& part) try {
    at::set_num_threads(1);
    const Batch batch = MakeBatch(set_, tokenizer_, indices,
                                  {.side = config_.vision.image_size,
                                   .eos = config_.prompt.eos_token_id,
                                   .vocabulary = config_.text.vocab_size,
                                   .max_tokens = config_.prompt.max_tokens,
                                   .augment = options_.augment,
                                   .seed = options_.seed,
                                   .position = position});
    torch::Tensor loss;
    {
      const MixedPrecision precision(mixed_);
      const Observation seen = network_->Observe(batch.reference, batch.current, batch.geometry);
      const torch::Tensor logits =
          network_->CaptionLogits(network_->Prompt(seen, batch.geometry, batch.kinds), batch.ids);
      namespace F = torch::nn::functional;
      const torch::Tensor caption =
          F::cross_entropy(logits.to(torch::kFloat32).flatten(0, 1), batch.labels.flatten(),
                           F::CrossEntropyFuncOptions().ignore_index(-100));
      const torch::Tensor changed =
          F::binary_cross_entropy_with_logits(seen.changed_logit, batch.changed);
      // Only what changed has a kind; the mean is over the batch, so a batch without is no 0 / 0.
      const torch::Tensor kind =
          (F::cross_entropy(seen.kind_logits, batch.kinds.clamp_max(kSceneKinds - 1),
                            F::CrossEntropyFuncOptions().reduction(torch::kNone)) *
           batch.changed)
              .mean();
      loss = caption + options_.changed_weight * changed + options_.kind_weight * kind;
      if (config_.prompt.focus_tokens && options_.name_weight > 0) {
        const torch::Tensor likely =
            torch::log_softmax(network_->NameLogits(seen).to(torch::kFloat32), 1);
        loss = loss - options_.name_weight * (batch.names * likely).sum(1).mean();
      }
      part.losses = {.loss = loss.item<double>(),
                     .caption_loss = caption.item<double>(),
                     .changed_loss = changed.item<double>(),
                     .kind_loss = kind.item<double>()};
    }
    // Not backward(): that would add to gradients which all threads share.
    part.gradients = torch::autograd::grad({loss}, parameters, {}, /*retain_graph=*/false,
                                           /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!part.gradients[i].defined()) part.gradients[i] = torch::zeros_like(parameters[i]);
    }
  } catch (const std::exception& e) {
    part.failure = e.what();
  }

  // One step.  Each thread takes a share of the batch from pictures to gradients: no thread waits
  // for another in between, which is what OpenMP's barriers cost on a busy machine (measured: four
  // fifths of the time with eight processes on two cores).
  Status Step(TrainProgress& now) {
    std::vector<std::int64_t> indices;
    if (Status s = NextPairs(indices); !s.ok()) return s;
    const std::vector<torch::Tensor> parameters = optimizer_->Parameters();
    const std::size_t workers = std::min(static_cast<std::size_t>(threads_), indices.size());
    std::vector<Part> parts(workers);
    {
      std::vector<std::jthread> threads;
      for (std::size_t w = 0; w < workers; ++w) {
        const std::size_t first = indices.size() * w / workers;
        const std::size_t last = indices.size() * (w + 1) / workers;
        const auto share = std::span(indices).subspan(first, last - first);
        const auto position = static_cast<std::uint64_t>(place_.step) * workers + w;
        threads.emplace_back([this, share, position, &parameters, &part = parts[w]] {
          Work(share, position, parameters, part);
        });
      }
    }
    for (std::size_t w = 0; w < workers; ++w) {
      if (!parts[w].failure.empty()) return Internal("LibTorch: " + parts[w].failure);
      const double weight = 1 / static_cast<double>(workers);
      now.loss += parts[w].losses.loss * weight;
      now.caption_loss += parts[w].losses.caption_loss * weight;
      now.changed_loss += parts[w].losses.changed_loss * weight;
      now.kind_loss += parts[w].losses.kind_loss * weight;
      if (w > 0) at::_foreach_add_(parts[0].gradients, parts[w].gradients);
    }
    if (!std::isfinite(now.loss)) return NotANumber("loss");
    at::_foreach_mul_(parts[0].gradients, 1 / static_cast<double>(workers));
    if (!std::isfinite(Optimizer::Clip(parts[0].gradients, options_.clip))) {
      return NotANumber("gradient");
    }
    const double rate = Rate();
    // The average is young at first and forgets the random start soon.
    const auto steps = static_cast<double>(place_.step);
    const double decay = std::min(options_.ema_decay, (1 + steps) / (10 + steps));
    optimizer_->Step(parts[0].gradients, options_.learning_rate * rate,
                     options_.tower_learning_rate * rate, decay);
    ++place_.step;
    return {};
  }

  Status NotANumber(const std::string& what) const {
    return Internal("train: the " + what + " is not a number at step " +
                    std::to_string(place_.step) + "; the last checkpoint in " + options_.out +
                    " is kept. Lower the learning rate and run again");
  }

  // Linear warm-up, then cosine down to a fiftieth.
  double Rate() const {
    const auto warm = static_cast<double>(options_.warmup);
    const double up = (static_cast<double>(place_.step) + 1) / (warm + 1);
    const double cosine = 0.02 + 0.98 * 0.5 * (1 + std::cos(std::numbers::pi * Done()));
    return std::min(up, 1.0) * cosine;
  }

  std::vector<std::int64_t> Some(Split split, int most) const {
    std::vector<std::int64_t> indices = set_.Indices(split);
    // Spread over the set, for its parts may differ.
    if (most > 0 && indices.size() > static_cast<std::size_t>(most)) {
      std::vector<std::int64_t> spread;
      for (std::size_t i = 0; i < static_cast<std::size_t>(most); ++i) {
        spread.push_back(indices[i * indices.size() / static_cast<std::size_t>(most)]);
      }
      indices = std::move(spread);
    }
    return indices;
  }

  void CheckUp(TrainProgress& line) {
    const auto indices = Some(Split::kVal, options_.check_pairs);
    if (indices.empty()) return;
    samples_.clear();
    const std::size_t every = std::max<std::size_t>(indices.size() / kSamplesInLog, 1);
    std::size_t seen = 0;
    const Figures figures =
        Measure(average_, tokenizer_, set_, indices, mixed_, threads_, /*write=*/true,
                [&](const Sample& sample) {
                  if (seen++ % every == 0) samples_.push_back(sample);
                })
            .figures;
    line.checked = true;
    line.val_caption_loss = figures.caption_loss;
    line.changed_auc = figures.changed_auc;
    line.changed_accuracy = figures.changed_accuracy;
    line.kind_accuracy = figures.kind_accuracy;
    line.word_f1 = figures.word_f1;
    line.noun_match = figures.noun_match;
  }

  void Log(const TrainProgress& line) {
    nlohmann::ordered_json json = {{"step", line.step},
                                   {"done", line.done},
                                   {"loss", line.loss},
                                   {"caption_loss", line.caption_loss},
                                   {"changed_loss", line.changed_loss},
                                   {"kind_loss", line.kind_loss},
                                   {"pairs_per_s", line.pairs_per_s},
                                   {"epoch", place_.epoch},
                                   {"pairs", place_.epoch_pairs}};
    if (line.checked) {
      json["val_caption_loss"] = line.val_caption_loss;
      json["changed_auc"] = line.changed_auc;
      json["changed_accuracy"] = line.changed_accuracy;
      json["kind_accuracy"] = line.kind_accuracy;
      json["word_f1"] = line.word_f1;
      json["noun_match"] = line.noun_match;
      for (const Sample& sample : samples_) {
        json["samples"].push_back({{"id", sample.id},
                                   {"kind", sample.kind},
                                   {"said_kind", sample.said_kind},
                                   {"changed_probability", sample.changed_probability},
                                   {"truth", sample.truth},
                                   {"caption", sample.caption}});
      }
    }
    log_ << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  }

  // Fits the temperatures on the validation pairs, then takes the final figures.
  void Finish(TrainReport& report) {
    const auto val = Some(Split::kVal, 0);
    const Measurement raw = Measure(average_, tokenizer_, set_, val, mixed_, threads_, false, {});
    config_.calibration.changed_temperature =
        std::clamp(FitBinaryTemperature(raw.changed_logits, raw.changed), 0.05, 20.0);
    config_.calibration.kind_temperature =
        std::clamp(FitClassTemperature(raw.kind_logits, kSceneKinds, raw.kinds), 0.05, 20.0);
    report.changed_temperature = config_.calibration.changed_temperature;
    report.kind_temperature = config_.calibration.kind_temperature;
    average_->Calibrate(config_.calibration);
    report.val = Measure(average_, tokenizer_, set_, val, mixed_, threads_, true, {}).figures;
    report.test =
        Measure(average_, tokenizer_, set_, Some(Split::kTest, 0), mixed_, threads_, true, {})
            .figures;
  }

  Status SaveState() {
    std::vector<TensorEntry> entries = optimizer_->Entries();
    entries.push_back({"place", torch::tensor({place_.step, place_.epoch, place_.position,
                                               place_.epoch_pairs, place_.trained_ms},
                                              torch::kInt64)});
    return SaveTensors(StatePath(), entries, Dtype::kF32);
  }

  // The model folder, as the captioner opens it.
  Status Export() {
    std::vector<TensorEntry> entries;
    for (const auto& item : average_->named_parameters()) {
      entries.push_back({item.key(), item.value()});
    }
    const auto tokenizer = ReadTextFile(options_.tokenizer);
    if (!tokenizer) return tokenizer.error();
    if (Status s = WriteTextFile(options_.out + "/tokenizer.json", *tokenizer); !s.ok()) return s;
    if (Status s = WriteTextFile(options_.out + "/config.json", ToJson(config_)); !s.ok()) {
      return s;
    }
    return SaveTensors(options_.out + "/model.safetensors", entries, Dtype::kF16);
  }

  const TrainOptions options_;
  M3DiffConfig config_;
  const Tokenizer tokenizer_;
  PairSet set_;
  const bool mixed_;
  const int threads_;
  M3Diff network_;
  M3Diff average_;
  std::optional<Optimizer> optimizer_;
  Place place_;
  std::vector<std::int64_t> order_;
  std::vector<Sample> samples_;
  std::ofstream log_;
};

}  // namespace

Result<TrainReport> Train(const TrainOptions& given,
                          const std::function<void(const TrainProgress&)>& progress,
                          std::stop_token stop) try {
  TrainOptions options = given;
  if (options.tokenizer.empty() && !options.start.empty()) {
    options.tokenizer = options.start + "/tokenizer.json";
  }
  if (Status s = Check(options); !s.ok()) return tl::unexpected(s);
  // By default glibc gives every large tensor back to the kernel and faults its pages in anew:
  // a third of a step (measured).  Keep them.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
  at::set_num_threads(options.threads > 0 ? options.threads
                                          : static_cast<int>(std::thread::hardware_concurrency()));
  torch::manual_seed(options.seed);

  auto tokenizer = Tokenizer::Load(options.tokenizer);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  auto set = PairSet::Open(options.data);
  if (!set) return tl::unexpected(set.error());

  M3DiffConfig config;
  if (!options.start.empty()) {
    const auto text = ReadTextFile(options.start + "/config.json");
    if (!text) return tl::unexpected(text.error());
    auto parsed = ParseM3DiffConfig(*text);
    if (!parsed) return tl::unexpected(parsed.error().WithContext(options.start));
    config = *parsed;
  }
  config.name = options.name;
  const auto end = tokenizer->TokenId("<|im_end|>");
  if (!end) return DataLoss(options.tokenizer + ": has no <|im_end|>, which ends a caption");
  config.prompt.eos_token_id = *end;
  if (options.start.empty()) config.text.vocab_size = tokenizer->size();
  if (config.text.vocab_size < tokenizer->size()) {
    return DataLoss(options.tokenizer + ": has " + std::to_string(tokenizer->size()) +
                    " tokens, the network's text.vocab_size is " +
                    std::to_string(config.text.vocab_size));
  }

  Trainer trainer(options, std::move(config), std::move(*tokenizer), std::move(*set));
  if (Status s = trainer.Start(); !s.ok()) return tl::unexpected(s);
  return trainer.Run(progress, stop);
} catch (const std::exception& e) {
  return Internal(std::string("LibTorch: ") + e.what());
}

}  // namespace stillwatch::model
