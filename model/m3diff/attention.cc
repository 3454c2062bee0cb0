#include <cmath>
#include <utility>

#include "model/m3diff/attention_torch.h"

namespace stillwatch::model {
namespace {

thread_local bool without_weights = false;

// The shape without the memory: every element is the same one.
torch::Tensor Placeholder(at::IntArrayRef shape) { return torch::zeros({}).expand(shape); }

}  // namespace

WithoutWeights::WithoutWeights() : outer_(std::exchange(without_weights, true)) {}
WithoutWeights::~WithoutWeights() { without_weights = outer_; }

torch::Tensor InitialWeight(at::IntArrayRef shape, double deviation) {
  return without_weights ? Placeholder(shape) : torch::randn(shape) * deviation;
}

torch::nn::Linear MakeLinear(std::int64_t in, std::int64_t out, bool bias) {
  if (without_weights) {
    torch::nn::Linear linear(torch::nn::LinearOptions(1, 1).bias(bias));
    linear->options.in_features(in).out_features(out);
    linear->weight.set_data(Placeholder({out, in}));
    if (bias) linear->bias.set_data(Placeholder({out}));
    return linear;
  }
  torch::nn::Linear linear(torch::nn::LinearOptions(in, out).bias(bias));
  const torch::NoGradGuard no_grad;
  // Redrawing what lies outside is what "truncated" means; clamping is as good at two deviations.
  linear->weight.normal_(0, 0.02).clamp_(-0.04, 0.04);
  if (bias) linear->bias.zero_();
  return linear;
}

torch::Tensor SoftmaxAttention(const torch::Tensor& q, const torch::Tensor& k,
                               const torch::Tensor& v) {
  if (!q.is_cpu()) return at::scaled_dot_product_attention(q, k, v);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1)));
  return torch::matmul(torch::softmax(torch::matmul(q * scale, k.transpose(-1, -2)), -1), v);
}

AttentionImpl::AttentionImpl(std::int64_t width, std::int64_t heads) : heads_(heads) {
  q_proj_ = register_module("q_proj", MakeLinear(width, width));
  k_proj_ = register_module("k_proj", MakeLinear(width, width));
  v_proj_ = register_module("v_proj", MakeLinear(width, width));
  out_proj_ = register_module("out_proj", MakeLinear(width, width));
}

torch::Tensor AttentionImpl::Split(const torch::Tensor& x) const {
  return x.view({x.size(0), x.size(1), heads_, x.size(2) / heads_}).transpose(1, 2);
}

torch::Tensor AttentionImpl::Attend(const torch::Tensor& q, const torch::Tensor& k,
                                    const torch::Tensor& v) {
  return out_proj_(SoftmaxAttention(q, k, v).transpose(1, 2).reshape({q.size(0), q.size(2), -1}));
}

}  // namespace stillwatch::model
