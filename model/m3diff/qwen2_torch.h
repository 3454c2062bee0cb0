// Qwen2: the decoder that writes captions.

#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

#include "model/m3diff/config.h"

namespace stillwatch::model {

// Keys and values of the tokens seen so far, one pair a layer, with room for `capacity` tokens.
struct KvCache {
  std::vector<torch::Tensor> keys{};  // [batch, kv_heads, capacity, head_dim]
  std::vector<torch::Tensor> values{};
  std::int64_t length = 0;  // Tokens held.
};

// The order of operations is Hugging Face's Qwen2 (it matters in bf16), and so are the names:
// model.embed_tokens, model.layers.{i}..., model.norm, lm_head where it is not tied.
//
// Not thread-safe: belongs to the network that holds it.
class Qwen2Impl : public torch::nn::Module {
 public:
  explicit Qwen2Impl(const TextConfig& config);

  // Token ids [batch, tokens] to [batch, tokens, hidden].
  torch::Tensor Embed(const torch::Tensor& ids) { return torch::embedding(embed_tokens_, ids); }

  // Causal pass over `embeddings` [batch, tokens, hidden]; the result is normed, ready for Logits.
  // With a cache the tokens follow those it holds, and are added to it.  `states`, where given,
  // gets the input, each block's output and the result: for parity tests.
  // REQUIRES: with tokens already in the cache, one token at a time; room in the cache.
  torch::Tensor forward(const torch::Tensor& embeddings, KvCache* cache = nullptr,
                        std::vector<torch::Tensor>* states = nullptr);

  torch::Tensor Logits(const torch::Tensor& hidden) {
    return torch::linear(hidden, lm_head_.defined() ? lm_head_ : embed_tokens_);
  }

  KvCache MakeCache(std::int64_t batch, std::int64_t capacity) const;

 private:
  const TextConfig config_;
  torch::Tensor embed_tokens_;
  torch::Tensor lm_head_;  // Undefined where tied.
  torch::Tensor norm_;
  torch::nn::ModuleList layers_{nullptr};
};
TORCH_MODULE(Qwen2);

}  // namespace stillwatch::model
