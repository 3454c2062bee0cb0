// BeamSearch: the best of several captions that are written side by side.

#pragma once

#include <span>
#include <vector>

#include "model/generate/generation.h"

namespace stillwatch::model {

// As Hugging Face's beam search with early_stopping "never": each step extends every beam by its
// likeliest tokens; the best `beams` live on, those that end with a stop id are kept aside with
// their score.  It is over when `beams` captions are aside and no living one can still overtake
// the worst of them.
class BeamSearch : public Generation {
 public:
  BeamSearch(const GenerateOptions& options, std::vector<int> slots);

  void Start(const Choice& best, std::span<const float> logits) override;
  void Take(std::span<const Choice> best, std::span<const std::span<const float>> logits) override;
  bool done() const override { return done_; }
  std::vector<Copy> copies() const override { return copies_; }
  std::vector<StepDecoder::Token> tokens() const override;
  bool wants_logits() const override { return true; }
  std::span<const int> settled() const override { return {}; }
  Generated result() const override;

 private:
  struct Beam {
    Generated written{};
    double sum = 0;  // Of its log-probabilities.
    int slot = 0;
  };
  struct Ended {
    Generated written{};
    double score = 0;
  };

  void Extend(std::span<const std::span<const float>> logits);
  void End(const Beam& beam, const Choice* stop);
  void PlaceInSlots(const std::vector<int>& parents);
  double Score(double sum, std::size_t length) const;
  bool IsStop(int id) const;

  const GenerateOptions options_;
  const std::vector<int> slots_;
  std::vector<Beam> beams_;   // Living, best first.
  std::vector<Ended> ended_;  // Best first, at most `beams`.
  std::vector<Copy> copies_;
  bool done_ = false;
};

}  // namespace stillwatch::model
