#include "model/generate/generation.h"

#include <algorithm>
#include <utility>

#include "model/generate/beam_search.h"

namespace stillwatch::model {
namespace {

// Greedy, drawn or forced: one slot.
class SingleGeneration : public Generation {
 public:
  SingleGeneration(const GenerateOptions& options, int slot) : options_(options), slot_(slot) {
    if (options.temperature > 0) sampler_.emplace(options.temperature, options.top_p, options.seed);
  }

  void Start(const Choice& best, std::span<const float> logits) override { Add(best, logits); }

  void Take(std::span<const Choice> best, std::span<const std::span<const float>> logits) override {
    Add(best[0], logits.empty() ? std::span<const float>() : logits[0]);
  }

  bool done() const override { return done_; }
  std::vector<StepDecoder::Token> tokens() const override {
    return {{.slot = slot_, .id = written_.ids.back()}};
  }
  bool wants_logits() const override { return sampler_.has_value() || !options_.forced.empty(); }
  std::span<const int> settled() const override { return written_.ids; }
  Generated result() const override { return written_; }

 private:
  Choice Choose(const Choice& best, std::span<const float> logits) {
    if (!options_.forced.empty()) {
      const int id = options_.forced[written_.ids.size()];
      return {.id = id,
              .log_probability =
                  static_cast<float>(logits[static_cast<std::size_t>(id)] - LogSumExp(logits))};
    }
    return sampler_ ? sampler_->Draw(logits) : best;
  }

  void Add(const Choice& best, std::span<const float> logits) {
    const Choice chosen = Choose(best, logits);
    const auto& stops = options_.stop_ids;
    const bool forced = !options_.forced.empty();
    if (!options_.no_stop && !forced &&
        std::find(stops.begin(), stops.end(), chosen.id) != stops.end()) {
      written_.stopped = true;
      written_.end_log_probability = chosen.log_probability;
      done_ = true;
      return;
    }
    written_.ids.push_back(chosen.id);
    written_.log_probabilities.push_back(chosen.log_probability);
    const std::size_t most =
        forced ? options_.forced.size() : static_cast<std::size_t>(options_.max_tokens);
    done_ = written_.ids.size() >= most;
  }

  const GenerateOptions options_;
  const int slot_;
  std::optional<Sampler> sampler_;
  Generated written_;
  bool done_ = false;
};

// A caption, and others whose probabilities are wanted beside it.
class ScoredGeneration : public Generation {
 public:
  ScoredGeneration(GenerateOptions options, std::vector<int> slots) {
    std::vector<std::vector<int>> also = std::move(options.also);
    options.also.clear();
    const auto own = static_cast<std::size_t>(SlotsFor(options));
    parts_.push_back(StartGeneration(options, {slots.begin(), slots.begin() + options.beams}));
    for (std::size_t i = 0; i < also.size(); ++i) {
      GenerateOptions forced;
      forced.forced = std::move(also[i]);
      parts_.push_back(StartGeneration(forced, {slots[own + i]}));
    }
  }

  void Start(const Choice& best, std::span<const float> logits) override {
    for (const auto& part : parts_) part->Start(best, logits);
  }

  void Take(std::span<const Choice> best, std::span<const std::span<const float>> logits) override {
    std::size_t row = 0;
    for (const auto& part : parts_) {
      if (part->done()) continue;
      const std::size_t rows = part->tokens().size();
      part->Take(best.subspan(row, rows), logits.subspan(row, rows));
      row += rows;
    }
  }

  bool done() const override {
    return std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->done(); });
  }
  std::vector<Copy> copies() const override {
    return parts_[0]->done() ? std::vector<Copy>() : parts_[0]->copies();
  }
  std::vector<StepDecoder::Token> tokens() const override {
    std::vector<StepDecoder::Token> all;
    for (const auto& part : parts_) {
      if (part->done()) continue;
      for (const StepDecoder::Token& token : part->tokens()) all.push_back(token);
    }
    return all;
  }
  bool wants_logits() const override { return true; }
  std::span<const int> settled() const override { return parts_[0]->settled(); }
  Generated result() const override {
    Generated result = parts_[0]->result();
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      result.also.push_back(parts_[i]->result().MeanLogProbability());
    }
    return result;
  }

 private:
  std::vector<std::unique_ptr<Generation>> parts_;  // The caption first.
};

}  // namespace

int SlotsFor(const GenerateOptions& options) {
  return options.beams + static_cast<int>(options.also.size());
}

std::unique_ptr<Generation> StartGeneration(const GenerateOptions& options,
                                            std::vector<int> slots) {
  if (!options.also.empty()) return std::make_unique<ScoredGeneration>(options, std::move(slots));
  if (options.beams > 1) return std::make_unique<BeamSearch>(options, std::move(slots));
  return std::make_unique<SingleGeneration>(options, slots[0]);
}

}  // namespace stillwatch::model
