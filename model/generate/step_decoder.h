// StepDecoder: a decoder with its key/value slots, as generation and serving see it.

#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/generate/sampler.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// What stands before a caption: embeddings, on whatever device the decoder works.  Only the decoder
// looks inside.
class DecoderPrompt {
 public:
  virtual ~DecoderPrompt() = default;
  virtual int tokens() const = 0;
};

// What comes after each row's last token.  Spans are valid until the decoder's next call.
struct StepResult {
  std::vector<Choice> best{};                    // The likeliest token of each row.
  std::vector<std::span<const float>> logits{};  // Whole rows; empty unless they were asked for.
};

// Every slot holds one sequence at a position of its own, so sequences of different lengths stand
// in one batch without padding.
//
// A call that fails with kResourceExhausted (no memory for a batch of this size) leaves all slots
// as they were: the caller may try again with fewer rows.
//
// Not thread-safe: belongs to one thread.
class StepDecoder {
 public:
  virtual ~StepDecoder() = default;

  virtual int slots() const = 0;
  virtual int slot_tokens() const = 0;  // Most tokens of a slot, prompt and caption.
  virtual int vocabulary() const = 0;

  struct Prompt {
    int slot = 0;
    const DecoderPrompt* prompt = nullptr;
  };
  struct Token {
    int slot = 0;
    int id = 0;
  };

  // Fills slots from their beginning.  REQUIRES: each slot once, each prompt fits.
  [[nodiscard]] virtual Result<StepResult> Prefill(std::span<const Prompt> prompts,
                                                   bool logits) = 0;

  // Adds one token to each of some slots.  REQUIRES: each slot once, filled, with room.
  [[nodiscard]] virtual Result<StepResult> Step(std::span<const Token> tokens, bool logits) = 0;

  // Makes slot `to` a copy of `from`.  The first `same` tokens of both are the same already.
  virtual void Copy(int from, int to, int same) = 0;

  // Tokens that a slot holds.
  virtual int length(int slot) const = 0;
};

}  // namespace stillwatch::model
