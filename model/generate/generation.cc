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

}  // namespace

int SlotsFor(const GenerateOptions& options) { return options.beams; }

std::unique_ptr<Generation> StartGeneration(const GenerateOptions& options,
                                            std::vector<int> slots) {
  if (options.beams > 1) return std::make_unique<BeamSearch>(options, std::move(slots));
  return std::make_unique<SingleGeneration>(options, slots[0]);
}

}  // namespace stillwatch::model
