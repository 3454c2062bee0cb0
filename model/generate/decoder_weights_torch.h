// DecoderWeights: a Qwen2's weights as the inference decoders read them.

#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

#include "model/generate/step_decoder.h"
#include "model/m3diff/config.h"
#include "model/m3diff/qwen2_torch.h"

namespace stillwatch::model {

// A prompt for the decoders of this folder: [tokens, hidden], any float type.
struct TorchPrompt : DecoderPrompt {
  explicit TorchPrompt(torch::Tensor rows) : embeddings(std::move(rows)) {}
  int tokens() const override { return static_cast<int>(embeddings.size(0)); }
  torch::Tensor embeddings;
};

struct DecoderLayerWeights {
  torch::Tensor input_norm{}, post_norm{};
  torch::Tensor qkv{}, qkv_bias{};  // q_proj's rows, then k_proj's, then v_proj's.
  torch::Tensor output{};
  torch::Tensor gate_up{};  // gate_proj's rows, then up_proj's.
  torch::Tensor down{};
};

struct DecoderWeights {
  TextConfig config{};
  torch::Tensor embed{}, norm{}, head{};
  std::vector<DecoderLayerWeights> layers{};
};

// Matrices that are used together become one.  Where they lie one behind the other in memory
// already (in most files gate_proj and up_proj do) nothing is copied; where not, the module's
// parameters become views of the copy, so that the weights are still held once.
// REQUIRES: the module is not trained afterwards.
DecoderWeights WeightsOf(Qwen2Impl& module, const TextConfig& config);

// The exception in flight as a status: kResourceExhausted where memory ran out, on any device.
// REQUIRES: called in a catch block.
Failure DecoderFailure();

}  // namespace stillwatch::model
