#include <cmath>
#include <utility>

#include "model/m3diff/attention_torch.h"
#include "model/m3diff/qwen2_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// A module that holds one tensor called "weight".
Tensor AddWeight(torch::nn::Module& parent, const std::string& name, Tensor initial) {
  const auto child = parent.register_module(name, std::make_shared<torch::nn::Module>());
  return child->register_parameter("weight", std::move(initial));
}

// In fp32, then cast, then scaled: Qwen2's order.
Tensor RmsNorm(const Tensor& x, const Tensor& weight, double eps) {
  const Tensor wide = x.to(torch::kFloat32);
  const Tensor scale = torch::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps);
  return weight * (wide * scale).to(x.scalar_type());
}

// First half with second half, not neighbours.
Tensor Rotate(const Tensor& x, const Tensor& cos, const Tensor& sin) {
  const auto halves = x.chunk(2, -1);
  return x * cos + torch::cat({-halves[1], halves[0]}, -1) * sin;
}

// Each key/value head serves heads / kv_heads query heads.
Tensor RepeatHeads(const Tensor& x, std::int64_t times) {
  if (times == 1) return x;
  return x.unsqueeze(2)
      .expand({x.size(0), x.size(1), times, x.size(2), x.size(3)})
      .reshape({x.size(0), x.size(1) * times, x.size(2), x.size(3)});
}

class DecoderLayerImpl : public torch::nn::Module {
 public:
  explicit DecoderLayerImpl(const TextConfig& c) : config_(c) {
    const std::int64_t hidden = c.hidden_size;
    const auto attention = register_module("self_attn", std::make_shared<torch::nn::Module>());
    q_ = attention->register_module("q_proj",
                                    MakeLinear(hidden, c.num_attention_heads * c.head_dim));
    k_ = attention->register_module("k_proj",
                                    MakeLinear(hidden, c.num_key_value_heads * c.head_dim));
    v_ = attention->register_module("v_proj",
                                    MakeLinear(hidden, c.num_key_value_heads * c.head_dim));
    o_ = attention->register_module(
        "o_proj", MakeLinear(c.num_attention_heads * c.head_dim, hidden, /*bias=*/false));
    const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    gate_ = mlp->register_module("gate_proj", MakeLinear(hidden, c.intermediate_size, false));
    up_ = mlp->register_module("up_proj", MakeLinear(hidden, c.intermediate_size, false));
    down_ = mlp->register_module("down_proj", MakeLinear(c.intermediate_size, hidden, false));
    input_norm_ = AddWeight(*this, "input_layernorm", torch::ones({hidden}));
    post_norm_ = AddWeight(*this, "post_attention_layernorm", torch::ones({hidden}));
  }

  Tensor forward(Tensor x, const Tensor& cos, const Tensor& sin, KvCache* cache,
                 std::size_t layer) {
    const Tensor normed = RmsNorm(x, input_norm_, config_.rms_norm_eps);
    x = x + Attend(normed, cos, sin, cache, layer);
    const Tensor inner = RmsNorm(x, post_norm_, config_.rms_norm_eps);
    return x + down_(torch::silu(gate_(inner)) * up_(inner));
  }

 private:
  Tensor Heads(const Tensor& x) const {
    return x.view({x.size(0), x.size(1), -1, config_.head_dim}).transpose(1, 2);
  }

  Tensor Attend(const Tensor& x, const Tensor& cos, const Tensor& sin, KvCache* cache,
                std::size_t layer) {
    const Tensor q = Rotate(Heads(q_(x)), cos, sin);
    Tensor k = Rotate(Heads(k_(x)), cos, sin);
    Tensor v = Heads(v_(x));
    const std::int64_t tokens = x.size(1);
    if (cache != nullptr) {
      cache->keys[layer].narrow(2, cache->length, tokens).copy_(k);
      cache->values[layer].narrow(2, cache->length, tokens).copy_(v);
      k = cache->keys[layer].narrow(2, 0, cache->length + tokens);
      v = cache->values[layer].narrow(2, 0, cache->length + tokens);
    }
    const std::int64_t times = config_.num_attention_heads / config_.num_key_value_heads;
    const Tensor mixed = at::scaled_dot_product_attention(
        q, RepeatHeads(k, times).to(q.scalar_type()), RepeatHeads(v, times).to(q.scalar_type()), {},
        0.0, /*is_causal=*/tokens > 1);
    return o_(mixed.transpose(1, 2).reshape({x.size(0), tokens, -1}));
  }

  const TextConfig config_;
  torch::nn::Linear q_{nullptr}, k_{nullptr}, v_{nullptr}, o_{nullptr};
  torch::nn::Linear gate_{nullptr}, up_{nullptr}, down_{nullptr};
  Tensor input_norm_, post_norm_;
};
TORCH_MODULE(DecoderLayer);

}  // namespace

Qwen2Impl::Qwen2Impl(const TextConfig& config) : config_(config) {
  const auto model = register_module("model", std::make_shared<torch::nn::Module>());
  embed_tokens_ =
      AddWeight(*model, "embed_tokens", InitialWeight({config.vocab_size, config.hidden_size}));
  layers_ = model->register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < config.num_hidden_layers; ++i) layers_->push_back(DecoderLayer(config));
  norm_ = AddWeight(*model, "norm", torch::ones({config.hidden_size}));
  if (!config.tie_word_embeddings) {
    lm_head_ = AddWeight(*this, "lm_head", InitialWeight({config.vocab_size, config.hidden_size}));
  }
}

Tensor Qwen2Impl::forward(const Tensor& embeddings, KvCache* cache, std::vector<Tensor>* states) {
  const std::int64_t first = cache == nullptr ? 0 : cache->length;
  TORCH_CHECK(first == 0 || embeddings.size(1) == 1, "one token at a time after the prompt");
  const Tensor inverse =
      torch::pow(config_.rope_theta, -torch::arange(0, config_.head_dim, 2, torch::kFloat32) /
                                         static_cast<double>(config_.head_dim));
  const Tensor half =
      torch::outer(torch::arange(first, first + embeddings.size(1), torch::kFloat32), inverse);
  const Tensor angle = torch::cat({half, half}, -1);
  const Tensor cos = angle.cos().to(embeddings.options());
  const Tensor sin = angle.sin().to(embeddings.options());

  Tensor x = embeddings;
  if (states != nullptr) states->push_back(x);
  for (std::size_t i = 0; i < layers_->size(); ++i) {
    x = layers_[i]->as<DecoderLayer>()->forward(x, cos, sin, cache, i);
    if (states != nullptr && i + 1 < layers_->size()) states->push_back(x);
  }
  if (cache != nullptr) cache->length += embeddings.size(1);
  if (states != nullptr) states->push_back(x);
  x = RmsNorm(x, norm_, config_.rms_norm_eps);
  if (states != nullptr) states->push_back(x);
  return x;
}

KvCache Qwen2Impl::MakeCache(std::int64_t batch, std::int64_t capacity) const {
  KvCache cache;
  const std::vector<std::int64_t> shape = {batch, config_.num_key_value_heads, capacity,
                                           config_.head_dim};
  for (int i = 0; i < config_.num_hidden_layers; ++i) {
    cache.keys.push_back(torch::empty(shape, norm_.options().requires_grad(false)));
    cache.values.push_back(torch::empty(shape, norm_.options().requires_grad(false)));
  }
  return cache;
}

}  // namespace stillwatch::model
