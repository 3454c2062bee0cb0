// Attention: multi-head attention as the difference module uses it.

#pragma once

#include <cstdint>

#include <torch/torch.h>

namespace stillwatch::model {

// Names of the parameters are CCExpert's: {q,k,v,out}_proj, all with bias.
// Not thread-safe: belongs to the network that holds it.
class AttentionImpl : public torch::nn::Module {
 public:
  // REQUIRES: heads divides width.
  AttentionImpl(std::int64_t width, std::int64_t heads);

  // The three inputs [rows, tokens, width], projected and split: [rows, heads, tokens,
  // width/heads]. Separate from Attend, so that keys that two callers share are projected once.
  torch::Tensor Queries(const torch::Tensor& x) { return Split(q_proj_(x)); }
  torch::Tensor Keys(const torch::Tensor& x) { return Split(k_proj_(x)); }
  torch::Tensor Values(const torch::Tensor& x) { return Split(v_proj_(x)); }

  // Softmax attention of split inputs, joined and projected: [rows, tokens, width].
  torch::Tensor Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v);

  torch::Tensor forward(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v) {
    return Attend(Queries(q), Keys(k), Values(v));
  }

  torch::nn::Linear& out_proj() { return out_proj_; }

 private:
  torch::Tensor Split(const torch::Tensor& x) const;

  const std::int64_t heads_;
  torch::nn::Linear q_proj_{nullptr};
  torch::nn::Linear k_proj_{nullptr};
  torch::nn::Linear v_proj_{nullptr};
  torch::nn::Linear out_proj_{nullptr};
};
TORCH_MODULE(Attention);

// softmax(q k^T / sqrt(width of a head)) v.  On a CPU as matrix products: LibTorch 2.13's fused
// kernel takes 90 to 168 ms for what they do in 36 to 95 (bf16, [64, 3, 144, 64] with 144 and 432
// keys, forward and backward, one thread of an AMD EPYC).
torch::Tensor SoftmaxAttention(const torch::Tensor& q, const torch::Tensor& k,
                               const torch::Tensor& v);

// While one lives on this thread, networks are built without memory for their large weights: the
// tensors have their shapes and share one number each.  Loading puts the real ones in their place
// (BindWeights); a 7B network would else be filled with 28 GB of random numbers first.
class WithoutWeights {
 public:
  WithoutWeights();
  ~WithoutWeights();
  WithoutWeights(const WithoutWeights&) = delete;
  WithoutWeights& operator=(const WithoutWeights&) = delete;

 private:
  const bool outer_;
};

// Normal random numbers of this deviation as the start of a weight; see WithoutWeights.
torch::Tensor InitialWeight(at::IntArrayRef shape, double deviation = 0.02);

// A linear layer as CCExpert starts it: weights of a normal distribution cut at two deviations,
// deviation 0.02; bias zero.
torch::nn::Linear MakeLinear(std::int64_t in, std::int64_t out, bool bias = true);

}  // namespace stillwatch::model
