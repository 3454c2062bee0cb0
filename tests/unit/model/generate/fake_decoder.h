// FakeDecoder: a StepDecoder without a network: its logits are a function of the tokens before.

#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "model/generate/step_decoder.h"

namespace stillwatch::model {

struct FakePrompt : DecoderPrompt {
  explicit FakePrompt(std::vector<int> words) : ids(std::move(words)) {}
  int tokens() const override { return static_cast<int>(ids.size()); }
  std::vector<int> ids;
};

// Logits after a sequence: the same for the same sequence, otherwise as good as random.
inline std::vector<float> FakeLogits(const std::vector<int>& sequence, int vocabulary,
                                     float spread = 2) {
  std::uint64_t state = 1469598103934665603ULL;
  for (const int id : sequence) {
    state = (state ^ static_cast<std::uint64_t>(id + 1)) * 1099511628211ULL;
  }
  std::vector<float> logits;
  for (int i = 0; i < vocabulary; ++i) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    logits.push_back(spread * (static_cast<float>(z >> 40) * 0x1p-23F - 1));
  }
  return logits;
}

class FakeDecoder : public StepDecoder {
 public:
  FakeDecoder(int slots, int slot_tokens, int vocabulary)
      : slot_tokens_(slot_tokens), vocabulary_(vocabulary) {
    sequences_.resize(static_cast<std::size_t>(slots));
  }

  // Asked before every call with the number of rows: true means out of memory.
  std::function<bool(std::size_t rows)> out_of_memory{};
  std::vector<std::size_t> steps{};     // Rows of every Step that went through.
  std::vector<std::size_t> prefills{};  // The same of Prefill.

  int slots() const override { return static_cast<int>(sequences_.size()); }
  int slot_tokens() const override { return slot_tokens_; }
  int vocabulary() const override { return vocabulary_; }

  Result<StepResult> Prefill(std::span<const Prompt> prompts, bool logits) override {
    if (out_of_memory && out_of_memory(prompts.size())) return ResourceExhausted("fake: full");
    std::vector<int> slots;
    for (const Prompt& prompt : prompts) {
      At(prompt.slot) = dynamic_cast<const FakePrompt&>(*prompt.prompt).ids;
      slots.push_back(prompt.slot);
    }
    prefills.push_back(prompts.size());
    return Look(slots, logits);
  }

  Result<StepResult> Step(std::span<const Token> tokens, bool logits) override {
    if (out_of_memory && out_of_memory(tokens.size())) return ResourceExhausted("fake: full");
    std::vector<int> slots;
    for (const Token& token : tokens) {
      At(token.slot).push_back(token.id);
      slots.push_back(token.slot);
    }
    steps.push_back(tokens.size());
    return Look(slots, logits);
  }

  void Copy(int from, int to, int same) override {
    const auto& source = At(from);
    auto& target = At(to);
    target.resize(static_cast<std::size_t>(same));
    target.insert(target.end(), source.begin() + same, source.end());
  }

  int length(int slot) const override {
    return static_cast<int>(sequences_.at(static_cast<std::size_t>(slot)).size());
  }

 private:
  std::vector<int>& At(int slot) { return sequences_.at(static_cast<std::size_t>(slot)); }

  StepResult Look(const std::vector<int>& slots, bool logits) {
    StepResult result;
    rows_.clear();
    for (const int slot : slots) rows_.push_back(FakeLogits(At(slot), vocabulary_));
    for (const auto& row : rows_) {
      result.best.push_back(Likeliest(row));
      if (logits) result.logits.emplace_back(row);
    }
    return result;
  }

  const int slot_tokens_;
  const int vocabulary_;
  std::vector<std::vector<int>> sequences_;
  std::vector<std::vector<float>> rows_;
};

}  // namespace stillwatch::model
