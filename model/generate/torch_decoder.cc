#include <algorithm>
#include <utility>

#include "model/generate/torch_decoder_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;
using torch::indexing::Slice;

Tensor Norm(const Tensor& x, const Tensor& weight, double eps) {
  const Tensor wide = x.to(torch::kFloat32);
  const Tensor scale = torch::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps);
  return weight * (wide * scale).to(x.scalar_type());
}

Tensor Rotate(const Tensor& x, const Tensor& cos, const Tensor& sin) {
  const auto halves = x.chunk(2, -1);
  return x * cos + torch::cat({-halves[1], halves[0]}, -1) * sin;
}

}  // namespace

TorchDecoder::TorchDecoder(DecoderWeights weights, const TorchDecoderOptions& options)
    : options_(options),
      weights_(std::move(weights)),
      lengths_(static_cast<std::size_t>(options.slots)) {
  const c10::InferenceMode inference;
  const TextConfig& c = weights_.config;
  const auto like = weights_.embed.options().requires_grad(false);
  const Tensor inverse =
      torch::pow(c.rope_theta, -torch::arange(0, c.head_dim, 2, torch::kFloat32) /
                                   static_cast<double>(c.head_dim));
  const Tensor half = torch::outer(torch::arange(options.slot_tokens, torch::kFloat32), inverse);
  const Tensor angle = torch::cat({half, half}, -1);
  cos_ = angle.cos().to(like);
  sin_ = angle.sin().to(like);
  for (int i = 0; i < c.num_hidden_layers; ++i) {
    const std::vector<std::int64_t> shape = {options.slots, c.num_key_value_heads,
                                             options.slot_tokens, c.head_dim};
    keys_.push_back(torch::zeros(shape, like));  // A masked NaN would still be a NaN.
    values_.push_back(torch::zeros(shape, like));
  }
}

TorchDecoder::Rotated TorchDecoder::Project(const DecoderLayerWeights& w, const Tensor& x,
                                            const Tensor& positions) const {
  const TextConfig& c = weights_.config;
  const Tensor normed = Norm(x, w.input_norm, c.rms_norm_eps);
  const Tensor heads = at::linear(normed, w.qkv, w.qkv_bias).unflatten(1, {-1, c.head_dim});
  const Tensor cos = cos_.index_select(0, positions).unsqueeze(1);
  const Tensor sin = sin_.index_select(0, positions).unsqueeze(1);
  const std::int64_t q = c.num_attention_heads;
  const std::int64_t kv = c.num_key_value_heads;
  return {.q = Rotate(heads.narrow(1, 0, q), cos, sin),
          .k = Rotate(heads.narrow(1, q, kv), cos, sin),
          .v = heads.narrow(1, q + kv, kv)};
}

Tensor TorchDecoder::Mlp(const DecoderLayerWeights& w, const Tensor& x) const {
  const auto halves =
      at::linear(Norm(x, w.post_norm, weights_.config.rms_norm_eps), w.gate_up).chunk(2, -1);
  return at::linear(at::silu(halves[0]) * halves[1], w.down);
}

Result<StepResult> TorchDecoder::Prefill(std::span<const Prompt> prompts, bool logits) try {
  const c10::InferenceMode inference;
  std::vector<Tensor> last;
  for (const Prompt& prompt : prompts) last.push_back(ReadPrompt(prompt));
  StepResult result = Head(torch::cat(last, 0), logits);
  for (const Prompt& prompt : prompts) {
    lengths_[static_cast<std::size_t>(prompt.slot)] = prompt.prompt->tokens();
  }
  return result;
} catch (...) {
  return DecoderFailure();
}

Tensor TorchDecoder::ReadPrompt(const Prompt& prompt) {
  const auto& rows = dynamic_cast<const TorchPrompt&>(*prompt.prompt).embeddings;
  Tensor x = rows.to(weights_.embed.options());
  const std::int64_t tokens = x.size(0);
  const Tensor positions = torch::arange(tokens, x.options().dtype(torch::kInt64));
  for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
    const Rotated r = Project(weights_.layers[i], x, positions);
    const Tensor k = r.k.transpose(0, 1);
    const Tensor v = r.v.transpose(0, 1);
    keys_[i][prompt.slot].narrow(1, 0, tokens).copy_(k);
    values_[i][prompt.slot].narrow(1, 0, tokens).copy_(v);
    const Tensor mixed = at::scaled_dot_product_attention(
        r.q.transpose(0, 1).unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), {}, 0.0,
        /*is_causal=*/true, std::nullopt, /*enable_gqa=*/true);
    x = x + at::linear(mixed[0].transpose(0, 1).flatten(1), weights_.layers[i].output);
    x = x + Mlp(weights_.layers[i], x);
  }
  return x.narrow(0, tokens - 1, 1);
}

Result<StepResult> TorchDecoder::Step(std::span<const Token> tokens, bool logits) try {
  const c10::InferenceMode inference;
  std::vector<std::int64_t> ids, slot_of, position_of;
  for (const Token& token : tokens) {
    ids.push_back(token.id);
    slot_of.push_back(token.slot);
    position_of.push_back(lengths_[static_cast<std::size_t>(token.slot)]);
  }
  const auto to_device = [&](const std::vector<std::int64_t>& values) {
    return torch::tensor(values, torch::kInt64).to(weights_.embed.device());
  };
  const Tensor slots = to_device(slot_of);
  const Tensor positions = to_device(position_of);
  const std::int64_t longest = *std::max_element(position_of.begin(), position_of.end()) + 1;
  // [rows, 1, 1, longest]: what each row may see.
  const Tensor seen =
      (torch::arange(longest, positions.options()).unsqueeze(0) <= positions.unsqueeze(1))
          .unsqueeze(1)
          .unsqueeze(1);
  Tensor x = torch::embedding(weights_.embed, to_device(ids));
  for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
    const Rotated r = Project(weights_.layers[i], x, positions);
    keys_[i].index_put_({slots, Slice(), positions}, r.k);
    values_[i].index_put_({slots, Slice(), positions}, r.v);
    const Tensor mixed = at::scaled_dot_product_attention(
        r.q.unsqueeze(2), keys_[i].narrow(2, 0, longest).index_select(0, slots),
        values_[i].narrow(2, 0, longest).index_select(0, slots), seen, 0.0,
        /*is_causal=*/false, std::nullopt, /*enable_gqa=*/true);
    x = x + at::linear(mixed.flatten(1), weights_.layers[i].output);
    x = x + Mlp(weights_.layers[i], x);
  }
  StepResult result = Head(x, logits);
  for (const Token& token : tokens) ++lengths_[static_cast<std::size_t>(token.slot)];
  return result;
} catch (...) {
  return DecoderFailure();
}

StepResult TorchDecoder::Head(const Tensor& x, bool logits) {
  const Tensor scores =
      at::linear(Norm(x, weights_.norm, weights_.config.rms_norm_eps), weights_.head)
          .to(torch::kFloat32);
  const auto [best, id] = scores.max(-1);
  const Tensor log_probability = (best - scores.logsumexp(-1)).cpu();
  const Tensor ids = id.cpu();
  StepResult result;
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    result.best.push_back({.id = static_cast<int>(ids.const_data_ptr<std::int64_t>()[row]),
                           .log_probability = log_probability.const_data_ptr<float>()[row]});
  }
  if (logits) {
    logits_ = scores.cpu().contiguous();
    const auto columns = static_cast<std::size_t>(logits_.size(1));
    for (std::size_t row = 0; row < result.best.size(); ++row) {
      result.logits.emplace_back(logits_.const_data_ptr<float>() + row * columns, columns);
    }
  }
  return result;
}

void TorchDecoder::Copy(int from, int to, int same) {
  const c10::InferenceMode inference;
  const int length = lengths_[static_cast<std::size_t>(from)];
  lengths_[static_cast<std::size_t>(to)] = length;
  if (length == same) return;
  for (const auto& cache : {keys_, values_}) {
    for (const Tensor& layer : cache) {
      layer[to].narrow(1, same, length - same).copy_(layer[from].narrow(1, same, length - same));
    }
  }
}

}  // namespace stillwatch::model
