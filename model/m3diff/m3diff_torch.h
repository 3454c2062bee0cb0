// M3Diff: the whole network, from two pictures to a verdict and a caption.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/torch.h>

#include "model/m3diff/config.h"
#include "model/m3diff/mdp_torch.h"
#include "model/m3diff/qwen2_torch.h"
#include "model/m3diff/tower_torch.h"
#include "model/m3diff/weights_torch.h"

namespace stillwatch::model {

// What the network sees in a batch of pairs.  A network that reads a conversation fills the first
// two, and the third if it has a difference module.
struct Observation {
  torch::Tensor reference{};        // [batch, tokens, width]
  torch::Tensor current{};          // [batch, tokens, width]
  torch::Tensor change{};           // [batch, tokens, width]
  torch::Tensor reference_focus{};  // [batch, kScales * width]: means of the four maps inside the
  torch::Tensor current_focus{};    // regions.
  torch::Tensor changed_logit{};    // [batch], fp32
  torch::Tensor kind_logits{};      // [batch, kSceneKinds], fp32
};

// Two linear layers with an erf-GELU between, from picture features to decoder tokens.
class ProjectorImpl : public torch::nn::Module {
 public:
  // merge x merge neighbouring tokens become one.
  ProjectorImpl(std::int64_t width, std::int64_t hidden, std::int64_t merge);
  torch::Tensor forward(const torch::Tensor& features);

 private:
  const std::int64_t merge_;
  torch::nn::Linear linear_1_{nullptr}, linear_2_{nullptr};
};
TORCH_MODULE(Projector);

// Says from the change tokens whether the scene changed, and how.
class VerdictImpl : public torch::nn::Module {
 public:
  explicit VerdictImpl(std::int64_t width);
  // `weights` [batch, 1, tokens]: which tokens lie in the regions; each row's sum is 1.
  void Judge(const torch::Tensor& weights, const torch::Tensor& geometry, Observation& observation);

 private:
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear hidden_{nullptr}, changed_{nullptr}, kind_{nullptr};
};
TORCH_MODULE(Verdict);

// One network for every size: the config says which.
//
// The decoder reads [begin][reference tokens][separator][current tokens]([separator][change
// tokens])[geometry]([focus on the reference][focus on the current])[kind] and continues with the
// caption.  The kind token is the verdict's word (in training: the truth), so caption and verdict
// agree.  The focus tokens are ours and make nano's little training go far: without them it must
// first learn to find the geometry's box among the picture tokens before it can name what is there.
//
// With SigLIP (config.conversation()) the decoder reads text in which the two pictures stand, as
// LLaVA-OneVision does, and there is no verdict.
//
// Not thread-safe: one thread at a time.
class M3DiffImpl : public torch::nn::Module {
 public:
  // REQUIRES: a config that ParseM3DiffConfig accepts.
  explicit M3DiffImpl(const M3DiffConfig& config);

  // Pictures [batch, 3, side, side] of values 0..255; geometry [batch, kGeometrySize].
  Observation Observe(const torch::Tensor& reference, const torch::Tensor& current,
                      const torch::Tensor& geometry);

  // Observe in its two steps.  Look: four maps [batch, tokens, width], which depend on the one
  // picture alone and may be kept for the next pair.  Compare: two pictures' maps; `geometry` is
  // not looked at by a network that reads a conversation.
  std::vector<torch::Tensor> Look(const torch::Tensor& pictures);
  Observation Compare(const std::vector<torch::Tensor>& reference,
                      const std::vector<torch::Tensor>& current,
                      const torch::Tensor& geometry = {});

  // A conversation as the decoder reads it: [batch, tokens, hidden].  `ids` [tokens]: the text, in
  // which the first image token becomes the reference and the second the current picture, with the
  // newline token behind each where the config says so.  The same text for the whole batch.
  // REQUIRES: config().conversation(); exactly two image tokens.
  torch::Tensor Conversation(const Observation& observation, const torch::Tensor& ids);

  // Tokens that one picture takes in a conversation.
  int PictureTokens() const;

  // What stands before the caption: [batch, prompt, hidden].  `kinds` [batch]: 0..kSameKind.
  torch::Tensor Prompt(const Observation& observation, const torch::Tensor& geometry,
                       const torch::Tensor& kinds);

  // Next-token logits [batch, tokens + 1, vocab]: row t comes after `t` of the caption's tokens.
  torch::Tensor CaptionLogits(const torch::Tensor& prompt, const torch::Tensor& ids);

  // Which words name what the focus tokens show, by the decoder's own word list: [batch, vocab].
  // Training aligns the two, so that naming a thing begins as copying.  REQUIRES: focus tokens.
  torch::Tensor NameLogits(const Observation& observation);

  // Greedy captions, without the end token.
  std::vector<std::vector<int>> Write(const torch::Tensor& prompt, int max_tokens);

  // Temperatures are no weights: they are fitted when the weights are done.
  void Calibrate(const CalibrationConfig& calibration) { config_.calibration = calibration; }

  const M3DiffConfig& config() const { return config_; }
  VisionTower& tower() { return *tower_; }
  Qwen2& decoder() { return decoder_; }

 private:
  M3DiffConfig config_;
  std::shared_ptr<VisionTower> tower_;
  Mdp mdp_{nullptr};  // Null with preset "none".
  Projector projector_{nullptr};
  torch::Tensor newline_;  // [hidden], of a conversation; undefined without newlines.

  // Of a network that reads nano's tokens; null in others.
  Verdict verdict_{nullptr};
  Projector change_projector_{nullptr};  // Null unless the prompt shows change tokens.
  Projector focus_projector_{nullptr};   // Null unless the prompt shows focus tokens.
  torch::nn::Linear geometry_{nullptr};
  torch::Tensor marks_;  // [2, hidden]: begin and separator.
  torch::Tensor kinds_;  // [kSameKind + 1, hidden]

  Qwen2 decoder_{nullptr};
};
TORCH_MODULE(M3Diff);

}  // namespace stillwatch::model
