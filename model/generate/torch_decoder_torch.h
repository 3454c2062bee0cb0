// TorchDecoder: Qwen2 in LibTorch's own operations, on any device.

#pragma once

#include <vector>

#include <torch/torch.h>

#include "model/generate/decoder_weights_torch.h"
#include "model/generate/step_decoder.h"

namespace stillwatch::model {

struct TorchDecoderOptions {
  int slots = 8;
  int slot_tokens = 2048;
};

// The plain one: what CpuDecoder is compared with, and what runs on a GPU for which there is
// nothing faster.  It computes in the type and on the device of the weights.
class TorchDecoder : public StepDecoder {
 public:
  TorchDecoder(DecoderWeights weights, const TorchDecoderOptions& options);

  int slots() const override { return static_cast<int>(lengths_.size()); }
  int slot_tokens() const override { return options_.slot_tokens; }
  int vocabulary() const override { return static_cast<int>(weights_.head.size(0)); }
  [[nodiscard]] Result<StepResult> Prefill(std::span<const Prompt> prompts, bool logits) override;
  [[nodiscard]] Result<StepResult> Step(std::span<const Token> tokens, bool logits) override;
  void Copy(int from, int to, int same) override;
  int length(int slot) const override { return lengths_[static_cast<std::size_t>(slot)]; }

 private:
  struct Rotated {
    torch::Tensor q{}, k{}, v{};  // [tokens, heads, head_dim]
  };
  Rotated Project(const DecoderLayerWeights& w, const torch::Tensor& x,
                  const torch::Tensor& positions) const;
  torch::Tensor Mlp(const DecoderLayerWeights& w, const torch::Tensor& x) const;
  torch::Tensor ReadPrompt(const Prompt& prompt);  // [1, hidden]
  StepResult Head(const torch::Tensor& x, bool logits);

  const TorchDecoderOptions options_;
  const DecoderWeights weights_;
  torch::Tensor cos_, sin_;                   // [slot_tokens, head_dim]
  std::vector<torch::Tensor> keys_, values_;  // A layer: [slots, kv_heads, slot_tokens, head_dim]
  std::vector<int> lengths_;
  torch::Tensor logits_;  // fp32, on the CPU: what StepResult borrows.
};

}  // namespace stillwatch::model
