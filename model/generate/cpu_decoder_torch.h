// CpuDecoder: Qwen2 on the CPU, for captions only.

#pragma once

#include <memory>
#include <vector>

#include <torch/torch.h>

#include "model/generate/decoder_weights_torch.h"
#include "model/generate/step_decoder.h"
#include "model/kernels/cpu/linear.h"
#include "model/kernels/cpu/team.h"
#include "model/kernels/cpu/token_ops.h"

namespace stillwatch::model {

struct CpuDecoderOptions {
  int slots = 8;
  int slot_tokens = 2048;
  int threads = 0;    // 0: as many as the process may run on.
  bool int8 = false;  // Steps read a copy of the weights in 8 bits (a scale for 128 of a row).
  // Prompts are multiplied in bf16 (for processors that have it) instead of in fp32, whatever the
  // weights are stored in.  Steps multiply in fp32 in any case.
  bool bf16_products = false;
};

// Prompts go through matrix products, all tokens at once; in the last block only what a caption
// needs: keys and values of all tokens, everything else of the last.  Steps go through
// model/kernels, which read each weight once for up to 8 captions.
//
// Weights may be fp32 or bf16.  Keys and values are stored as the weights are.  Activations are
// fp32; with bf16_products they are rounded where a bf16 network rounds.
//
// The batch of a step is limited by slots alone; what a slot takes is layers * 2 * kv_heads *
// head_dim * slot_tokens numbers, touched only as far as it is filled.
class CpuDecoder : public StepDecoder {
 public:
  CpuDecoder(DecoderWeights weights, const CpuDecoderOptions& options);

  int slots() const override { return static_cast<int>(lengths_.size()); }
  int slot_tokens() const override { return options_.slot_tokens; }
  int vocabulary() const override { return static_cast<int>(weights_.head.size(0)); }
  [[nodiscard]] Result<StepResult> Prefill(std::span<const Prompt> prompts, bool logits) override;
  [[nodiscard]] Result<StepResult> Step(std::span<const Token> tokens, bool logits) override;
  void Copy(int from, int to, int same) override;
  int length(int slot) const override { return lengths_[static_cast<std::size_t>(slot)]; }

 private:
  // What a step reads of one block.
  struct StepWeights {
    torch::Tensor input_norm{}, post_norm{}, qkv_bias{};  // fp32
    CpuWeight qkv{}, output{}, gate_up{}, down{};
  };

  CpuWeight ForSteps(const torch::Tensor& weight);
  CpuKvView Kv(std::size_t layer, int slot);
  void ReadPrompts(std::span<const Prompt> prompts, float* last);
  void Attend(std::size_t layer, std::span<const Prompt> prompts, const torch::Tensor& qkv,
              const torch::Tensor& mixed);
  void AppendKeys(std::size_t layer, std::span<const Prompt> prompts, const torch::Tensor& qkv);
  void StepBlock(std::size_t layer, std::span<const int> slots, std::span<const int> positions,
                 float* x);
  StepResult Head(float* x, int rows, bool logits);

  const CpuDecoderOptions options_;
  const DecoderWeights weights_;
  const AttentionShape shape_;
  std::vector<torch::Tensor> quantised_;  // What CpuWeights borrow.
  std::vector<StepWeights> step_;
  torch::Tensor norm_;  // fp32
  CpuWeight head_;
  RopeTable rope_;
  torch::Tensor keys_, values_;  // [layers, slots, kv_heads, slot_tokens, head_dim]
  std::vector<int> lengths_;
  std::vector<float> logits_, normed_, qkv_, mixed_, inner_;  // Of a step.
  CpuTeam team_;  // Last: its threads use what stands above.
};

}  // namespace stillwatch::model
