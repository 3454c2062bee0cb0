// Generation: one caption while it is written, token by token.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/generate/options.h"
#include "model/generate/sampler.h"
#include "model/generate/step_decoder.h"

namespace stillwatch::model {

// Says which tokens go to the decoder next and takes what comes back.  It never calls the decoder,
// so that many captions can share one batch: generate.h and the server bring both together.
//
//   Prefill slots()[0]  ->  Start(result)  ->  while (!done()) { Copies; Step(tokens()); Take }
//
// Not thread-safe: belongs to the thread that runs the decoder.
class Generation {
 public:
  virtual ~Generation() = default;

  struct Copy {
    int from = 0;
    int to = 0;
  };

  // What follows the prompt.  `logits` is empty unless wants_logits().
  virtual void Start(const Choice& best, std::span<const float> logits) = 0;

  // What follows each of tokens(), in their order.
  virtual void Take(std::span<const Choice> best,
                    std::span<const std::span<const float>> logits) = 0;

  virtual bool done() const = 0;

  // Slots to copy before the next step, in this order; `prompt` tokens are the same everywhere.
  virtual std::vector<Copy> copies() const { return {}; }
  virtual std::vector<StepDecoder::Token> tokens() const = 0;
  virtual bool wants_logits() const = 0;

  // What is certain to stand in the caption so far, for showing it while it grows: all of it, or
  // with beams nothing before the end.  Valid until the next Take.
  virtual std::span<const int> settled() const = 0;

  // REQUIRES: done().
  virtual Generated result() const = 0;
};

// How many slots a caption with these options takes.
int SlotsFor(const GenerateOptions& options);

// REQUIRES: Check(options) is ok, slots.size() == SlotsFor(options).
std::unique_ptr<Generation> StartGeneration(const GenerateOptions& options, std::vector<int> slots);

}  // namespace stillwatch::model
