// Mdp: the multi-scale differential perception module of M3Diff.

#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

#include "model/m3diff/attention_torch.h"
#include "model/m3diff/config.h"

namespace stillwatch::model {

struct MdpOutput {
  torch::Tensor reference{};  // [batch, tokens, width]: F1' of equation 8.
  torch::Tensor current{};    // The same of the other picture.
  torch::Tensor change{};     // The change tokens, fused over the scales the same way.
  torch::Tensor gates{};      // [scales, batch], 0..1: equation 7.
};

// What the first block made: for parity tests.  [scales * batch, tokens, width], scale by scale.
struct MdpTrace {
  torch::Tensor delta{}, reference{}, current{}, change{};
};

// Equations 1 to 3: what differs between two feature maps, token by token.
class ChangeExtractorImpl : public torch::nn::Module {
 public:
  explicit ChangeExtractorImpl(std::int64_t width);
  torch::Tensor forward(const torch::Tensor& a, const torch::Tensor& b);

 private:
  torch::nn::Linear linear_mapping_{nullptr};  // W_m
  torch::nn::Linear proj_{nullptr};            // W_p
};
TORCH_MODULE(ChangeExtractor);

// Equations 4 to 6, once.  `a`, `b` and `q` (the change tokens) are [rows, tokens, width]; the
// rows are the pairs of all scales.
class MdpLayerImpl : public torch::nn::Module {
 public:
  explicit MdpLayerImpl(const MdpConfig& config);
  void Forward(const torch::Tensor& position, torch::Tensor& a, torch::Tensor& b, torch::Tensor& q);

 private:
  torch::Tensor Mlp(const torch::Tensor& x);
  void ForwardPaper(torch::Tensor& a, torch::Tensor& b, torch::Tensor& q);

  const bool paper_;
  const bool residual_keeps_position_;  // CCExpert's images carry position and flag on.
  torch::Tensor image_a_flag_, image_b_flag_, change_flag_;
  Attention change_self_attn_{nullptr};
  Attention cross_attn_change_to_images_{nullptr};
  Attention cross_attn_images_to_change_{nullptr};
  torch::nn::Sequential mlp_{nullptr};
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr}, norm3_{nullptr};
  torch::nn::Linear lin1_{nullptr}, lin2_{nullptr};
};
TORCH_MODULE(MdpLayer);

// Refines the features of two pictures by what differs between them.
//
// The presets differ where the paper is silent (README.md has the table): `m3diff` passes the last
// scale's features through unchanged until it is trained, `paper` is equations 1 to 8 literally,
// `ccexpert` equals the public CCExpert module number by number.  Parameter names are CCExpert's.
//
// Not thread-safe: belongs to the network that holds it.
class MdpImpl : public torch::nn::Module {
 public:
  // REQUIRES: a checked config whose preset is not "none".
  explicit MdpImpl(const MdpConfig& config);

  // One [batch, tokens, width] per scale and picture; tokens form a square grid.
  MdpOutput forward(const std::vector<torch::Tensor>& reference,
                    const std::vector<torch::Tensor>& current, MdpTrace* trace = nullptr);

 private:
  const MdpConfig config_;
  ChangeExtractor extractor_{nullptr};
  torch::nn::ModuleList layers_{nullptr};
  torch::nn::Linear gate_in_{nullptr}, gate_out_{nullptr};
};
TORCH_MODULE(Mdp);

// CCExpert's two-dimensional sine embedding of a grid x grid map: [grid * grid, width], the row's
// half first.  REQUIRES: width is a multiple of 4.
torch::Tensor SinePosition(std::int64_t grid, std::int64_t width);

}  // namespace stillwatch::model
