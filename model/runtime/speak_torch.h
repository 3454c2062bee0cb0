// Speech: a decoder's own words behind one prompt, and how likely it holds other words for.

#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "model/m3diff/qwen2_torch.h"
#include "model/tokenizer/tokenizer.h"

namespace stillwatch::model {

struct Spoken {
  std::vector<int> ids{};          // Without the end token.
  std::vector<double> logprobs{};  // Of each, natural logarithms.
};

// Greedy generation behind one prompt.  The prompt is read once and can be continued again.
// Not thread-safe.
class Speech {
 public:
  // `prompt` [1, tokens, hidden].
  Speech(Qwen2& decoder, torch::Tensor prompt);

  // The likeliest words, up to `max_tokens` or to one of `stop`.
  Spoken Continue(int max_tokens, const std::vector<int>& stop);

  // How likely these words are instead, one by one.
  std::vector<double> LogProbabilities(const std::vector<int>& ids);

 private:
  void Start(std::int64_t room);
  torch::Tensor Next(std::int64_t id);  // Log-probabilities behind `id`: [vocab].

  Qwen2& decoder_;
  const torch::Tensor prompt_;
  KvCache cache_;
  std::int64_t room_ = 0;
  torch::Tensor first_;  // Log-probabilities behind the prompt.
};

struct SpokenVerdict {
  bool changed = false;
  double changed_probability = 0;  // Not calibrated.
};

// What a decoder without a verdict thinks of "nothing has changed".
//
// The caption's mean log-probability a token, c, is held against that of sentences that say so, n
// (the likelier one): p(changed) = 1 / (1 + exp(n - c)), the mean because sentences differ in
// length.  A caption that says so itself is counted on the other side.  Nothing here has been
// calibrated: that needs pairs that the checkpoint in question has not seen.
SpokenVerdict JudgeByWords(const Tokenizer& tokenizer, const std::string& caption,
                           const Spoken& spoken, Speech& speech);

}  // namespace stillwatch::model
