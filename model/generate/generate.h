// Generate: captions for a few prompts, from the first token to the last.

#pragma once

#include <functional>
#include <span>
#include <vector>

#include "model/generate/options.h"
#include "model/generate/step_decoder.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct GenerateRequest {
  const DecoderPrompt* prompt = nullptr;
  GenerateOptions options{};
};

// Called after every step with what is settled of request `index` (Generation::settled).
using GenerateProgress = std::function<void(std::size_t index, std::span<const int> settled)>;

// Writes all captions side by side, as many at a time as the decoder has slots; a caption that ends
// makes room for the next.  Prompts of any lengths.  Where memory runs out the batch is halved and
// tried again.
// kInvalidArgument: options that Check refuses, more beams than slots, a prompt that does not fit.
[[nodiscard]] Result<std::vector<Generated>> Generate(StepDecoder& decoder,
                                                      std::span<const GenerateRequest> requests,
                                                      const GenerateProgress& progress = {});

}  // namespace stillwatch::model
