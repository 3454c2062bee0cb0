#include <algorithm>
#include <array>
#include <utility>

#include <ATen/Parallel.h>

#include "model/generate/cpu_decoder_torch.h"
#include "model/generate/prompt_math_torch.h"
#include "model/kernels/bf16.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// Prompts are read together up to so many tokens: enough rows for a fast product (a guess), few
// enough that the activations of long ones do not pile up.
constexpr int kTokensAtOnce = 1024;

Tensor Wide(const Tensor& x) { return x.to(torch::kFloat32).contiguous(); }

AttentionShape ShapeOf(const TextConfig& c) {
  return {
      .heads = c.num_attention_heads, .kv_heads = c.num_key_value_heads, .head_dim = c.head_dim};
}

// In fp32, then cast, then scaled: Qwen2's order.  `to` has the type of the products.
void Norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& to) {
  const auto rows = static_cast<int>(x.size(0));
  const auto columns = static_cast<int>(x.size(1));
  if (x.scalar_type() == torch::kFloat32) {
    const float* from = x.const_data_ptr<float>();
    const float* scale = weight.const_data_ptr<float>();
    float* into = to.data_ptr<float>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
      RmsNormOnHost(from + begin * columns, scale, epsilon, static_cast<int>(end - begin), columns,
                    /*round_to_bf16=*/false, into + begin * columns);
    });
    return;
  }
  const Tensor wide = x.to(torch::kFloat32);
  const Tensor factor = torch::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + epsilon);
  Tensor into = to;
  at::mul_out(into, (wide * factor).to(x.scalar_type()), weight.to(x.scalar_type()));
}

}  // namespace

CpuDecoder::CpuDecoder(DecoderWeights weights, const CpuDecoderOptions& options)
    : options_(options),
      weights_(std::move(weights)),
      shape_(ShapeOf(weights_.config)),
      rope_(MakeRopeTable(shape_.head_dim, weights_.config.rope_theta, options.slot_tokens,
                          options.bf16_products)),
      lengths_(static_cast<std::size_t>(options.slots)),
      team_(options.threads) {
  const c10::InferenceMode inference;
  for (const DecoderLayerWeights& layer : weights_.layers) {
    step_.push_back({.input_norm = Wide(layer.input_norm),
                     .post_norm = Wide(layer.post_norm),
                     .qkv_bias = Wide(layer.qkv_bias),
                     .qkv = ForSteps(layer.qkv),
                     .output = ForSteps(layer.output),
                     .gate_up = ForSteps(layer.gate_up),
                     .down = ForSteps(layer.down)});
  }
  norm_ = Wide(weights_.norm);
  head_ = ForSteps(weights_.head);
  const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(weights_.layers.size()),
                                           options.slots, shape_.kv_heads, options.slot_tokens,
                                           shape_.head_dim};
  const auto stored = torch::TensorOptions(weights_.embed.scalar_type());
  keys_ = torch::empty(shape, stored);
  values_ = torch::empty(shape, stored);
}

CpuWeight CpuDecoder::ForSteps(const Tensor& weight) {
  CpuWeight w{.outputs = static_cast<int>(weight.size(0)),
              .inputs = static_cast<int>(weight.size(1))};
  if (!options_.int8) {
    w.format =
        weight.scalar_type() == torch::kBFloat16 ? WeightFormat::kBf16 : WeightFormat::kFloat32;
    w.data = weight.data_ptr();
    return w;
  }
  const std::array<int, 3> groups = {128, 64, 32};
  const auto fits =
      std::find_if(groups.begin(), groups.end(), [&](int group) { return w.inputs % group == 0; });
  w.group = fits == groups.end() ? 0 : *fits;
  const std::int64_t group = w.group == 0 ? w.inputs : w.group;
  // In pieces: the fp32 copy of a 7B model's head would be 2 GB.
  constexpr std::int64_t kRows = 4096;
  Tensor quantised = torch::empty(weight.sizes(), torch::kInt8);
  Tensor scales = torch::empty({weight.size(0), weight.size(1) / group}, torch::kFloat32);
  for (std::int64_t row = 0; row < weight.size(0); row += kRows) {
    const std::int64_t count = std::min(kRows, weight.size(0) - row);
    const Tensor wide = Wide(weight.narrow(0, row, count)).view({count, -1, group});
    const Tensor scale = wide.abs().amax(-1, /*keepdim=*/true).div_(127).clamp_min_(1e-30);
    quantised.narrow(0, row, count)
        .copy_(wide.div(scale).round_().clamp_(-127, 127).view({count, -1}));
    scales.narrow(0, row, count).copy_(scale.squeeze(-1));
  }
  w.format = WeightFormat::kInt8;
  w.data = quantised.data_ptr();
  w.scales = scales.data_ptr<float>();
  quantised_.push_back(std::move(quantised));
  quantised_.push_back(std::move(scales));
  return w;
}

CpuKvView CpuDecoder::Kv(std::size_t layer, int slot) {
  const auto offset = static_cast<std::size_t>(static_cast<std::int64_t>(layer) * keys_.stride(0) +
                                               slot * keys_.stride(1)) *
                      keys_.element_size();
  return {.keys = static_cast<char*>(keys_.data_ptr()) + offset,
          .values = static_cast<char*>(values_.data_ptr()) + offset,
          .bf16 = keys_.scalar_type() == torch::kBFloat16,
          .capacity = options_.slot_tokens};
}

Result<StepResult> CpuDecoder::Prefill(std::span<const Prompt> prompts, bool logits) try {
  const c10::InferenceMode inference;
  const auto hidden = static_cast<std::size_t>(weights_.config.hidden_size);
  std::vector<float> last(prompts.size() * hidden);
  std::size_t first = 0;
  while (first < prompts.size()) {
    std::size_t count = 0;
    int tokens = 0;
    while (first + count < prompts.size()) {
      const int more = prompts[first + count].prompt->tokens();
      if (count > 0 && tokens + more > kTokensAtOnce) break;
      tokens += more;
      ++count;
    }
    ReadPrompts(prompts.subspan(first, count), last.data() + first * hidden);
    first += count;
  }
  StepResult result = Head(last.data(), static_cast<int>(prompts.size()), logits);
  for (const Prompt& prompt : prompts) {
    lengths_[static_cast<std::size_t>(prompt.slot)] = prompt.prompt->tokens();
  }
  return result;
} catch (...) {
  return DecoderFailure();
}

void CpuDecoder::ReadPrompts(std::span<const Prompt> prompts, float* last) {
  const TextConfig& c = weights_.config;
  const auto epsilon = static_cast<float>(c.rms_norm_eps);
  const auto type = options_.bf16_products ? torch::kBFloat16 : torch::kFloat32;
  std::vector<Tensor> parts;
  std::vector<int> slots, positions;
  std::vector<std::int64_t> ends;
  std::int64_t tokens = 0;
  for (const Prompt& prompt : prompts) {
    parts.push_back(dynamic_cast<const TorchPrompt&>(*prompt.prompt).embeddings.to(type));
    tokens += parts.back().size(0);
    ends.push_back(tokens);
    slots.push_back(prompt.slot);
    positions.push_back(prompt.prompt->tokens() - 1);
  }
  const Tensor x = torch::cat(parts, 0);
  parts.clear();
  const std::int64_t q_size = std::int64_t{shape_.heads} * shape_.head_dim;
  const std::int64_t all = q_size + std::int64_t{2} * shape_.kv_heads * shape_.head_dim;
  const std::int64_t inter = c.intermediate_size;
  const std::int64_t tile =
      std::min(MlpTile(weights_.layers[0].down.scalar_type() != type), tokens);
  const Tensor normed = torch::empty_like(x);
  const Tensor qkv = torch::empty({tokens, all}, x.options());
  const Tensor mixed = torch::empty({tokens, q_size}, x.options());
  const Tensor inner = torch::empty({tile, 2 * inter}, x.options());
  for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
    const DecoderLayerWeights& w = weights_.layers[i];
    const bool is_last = i + 1 == weights_.layers.size();
    Norm(x, step_[i].input_norm, epsilon, normed);
    // Of the last block all tokens but the last are wanted for their keys and values alone.
    const std::int64_t from = is_last ? q_size : 0;
    const Tensor columns = qkv.narrow(1, from, all - from);
    MultiplyInto(columns, normed, w.qkv.narrow(0, from, all - from), /*add=*/false);
    columns.add_(w.qkv_bias.narrow(0, from, all - from).to(type));
    AppendKeys(i, prompts, qkv);
    if (is_last) break;
    Attend(i, prompts, qkv, mixed);
    MultiplyInto(x, mixed, w.output, /*add=*/true);
    for (std::int64_t row = 0; row < tokens; row += tile) {
      const std::int64_t count = std::min(tile, tokens - row);
      const Tensor some = x.narrow(0, row, count);
      const Tensor some_normed = normed.narrow(0, row, count);
      const Tensor some_inner = inner.narrow(0, 0, count);
      Norm(some, step_[i].post_norm, epsilon, some_normed);
      MultiplyInto(some_inner, some_normed, w.gate_up, /*add=*/false);
      Tensor gate = some_inner.narrow(1, 0, inter);
      at::silu_(gate).mul_(some_inner.narrow(1, inter, inter));
      MultiplyInto(some, gate, w.down, /*add=*/true);
    }
  }
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    const Tensor row = Wide(x[ends[p] - 1]);
    std::copy_n(row.const_data_ptr<float>(), c.hidden_size,
                last + p * static_cast<std::size_t>(c.hidden_size));
  }
  StepBlock(weights_.layers.size() - 1, slots, positions, last);
}

void CpuDecoder::AppendKeys(std::size_t layer, std::span<const Prompt> prompts, const Tensor& qkv) {
  const bool round = options_.bf16_products;
  const Tensor wide = qkv.to(torch::kFloat32);  // qkv itself, where it is fp32.
  const std::int64_t stride = wide.size(1);
  float* row = wide.data_ptr<float>();
  for (const Prompt& prompt : prompts) {
    const CpuKvView kv = Kv(layer, prompt.slot);
    at::parallel_for(0, prompt.prompt->tokens(), 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) {
        RopeAppendOnHost(shape_, rope_, static_cast<int>(t), row + t * stride, round, kv);
      }
    });
    row += prompt.prompt->tokens() * stride;
  }
  if (round) qkv.copy_(wide);
}

void CpuDecoder::Attend(std::size_t layer, std::span<const Prompt> prompts, const Tensor& qkv,
                        const Tensor& mixed) {
  std::int64_t row = 0;
  for (const Prompt& prompt : prompts) {
    const std::int64_t tokens = prompt.prompt->tokens();
    const auto seen = [&](const Tensor& cache) {
      return cache[static_cast<std::int64_t>(layer)][prompt.slot]
          .narrow(1, 0, tokens)
          .to(qkv.scalar_type());
    };
    const Tensor out = mixed.narrow(0, row, tokens);
    AttendCausally(qkv.narrow(0, row, tokens).narrow(1, 0, mixed.size(1)), seen(keys_),
                   seen(values_), out);
    row += tokens;
  }
}

Result<StepResult> CpuDecoder::Step(std::span<const Token> tokens, bool logits) try {
  const c10::InferenceMode inference;
  const auto hidden = static_cast<std::size_t>(weights_.config.hidden_size);
  std::vector<float> x(tokens.size() * hidden);
  std::vector<int> slots, positions;
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    const auto at = static_cast<std::size_t>(tokens[row].id) * hidden;
    float* to = x.data() + row * hidden;
    if (weights_.embed.scalar_type() == torch::kBFloat16) {
      const auto* from = static_cast<const Bf16*>(weights_.embed.const_data_ptr()) + at;
      std::transform(from, from + hidden, to, ToFloat);
    } else {
      std::copy_n(weights_.embed.const_data_ptr<float>() + at, hidden, to);
    }
    slots.push_back(tokens[row].slot);
    positions.push_back(lengths_[static_cast<std::size_t>(tokens[row].slot)]);
  }
  for (std::size_t i = 0; i < step_.size(); ++i) StepBlock(i, slots, positions, x.data());
  StepResult result = Head(x.data(), static_cast<int>(tokens.size()), logits);
  for (const int slot : slots) ++lengths_[static_cast<std::size_t>(slot)];
  return result;
} catch (...) {
  return DecoderFailure();
}

void CpuDecoder::StepBlock(std::size_t layer, std::span<const int> slots,
                           std::span<const int> positions, float* x) {
  const TextConfig& c = weights_.config;
  const StepWeights& w = step_[layer];
  const auto epsilon = static_cast<float>(c.rms_norm_eps);
  const bool round = options_.bf16_products;
  const auto rows = static_cast<int>(slots.size());
  const auto count = slots.size();
  const auto q_size = static_cast<std::size_t>(shape_.heads * shape_.head_dim);
  const std::size_t all = q_size + static_cast<std::size_t>(2 * shape_.kv_heads * shape_.head_dim);
  normed_.resize(count * static_cast<std::size_t>(c.hidden_size));
  qkv_.resize(count * all);
  mixed_.resize(count * q_size);
  inner_.resize(count * static_cast<std::size_t>(c.intermediate_size));

  RmsNormOnHost(x, w.input_norm.const_data_ptr<float>(), epsilon, rows, c.hidden_size, round,
                normed_.data());
  CpuLinear(w.qkv, normed_.data(), rows,
            {.bias = w.qkv_bias.const_data_ptr<float>(), .round_to_bf16 = round}, qkv_.data(),
            team_);
  std::vector<CpuKvView> views;
  std::vector<int> lengths;
  for (std::size_t row = 0; row < count; ++row) {
    views.push_back(Kv(layer, slots[row]));
    lengths.push_back(positions[row] + 1);
    RopeAppendOnHost(shape_, rope_, positions[row], qkv_.data() + row * all, round, views.back());
  }
  CpuAttend(shape_, qkv_.data(), static_cast<std::ptrdiff_t>(all), views.data(), lengths.data(),
            rows, round, mixed_.data(), team_);
  CpuLinear(w.output, mixed_.data(), rows, {.residual = x, .round_to_bf16 = round}, x, team_);
  RmsNormOnHost(x, w.post_norm.const_data_ptr<float>(), epsilon, rows, c.hidden_size, round,
                normed_.data());
  CpuGateUp(w.gate_up, normed_.data(), rows, round, inner_.data(), team_);
  CpuLinear(w.down, inner_.data(), rows, {.residual = x, .round_to_bf16 = round}, x, team_);
}

StepResult CpuDecoder::Head(float* x, int rows, bool logits) {
  const TextConfig& c = weights_.config;
  const auto vocabulary = static_cast<std::size_t>(head_.outputs);
  RmsNormOnHost(x, norm_.const_data_ptr<float>(), static_cast<float>(c.rms_norm_eps), rows,
                c.hidden_size, options_.bf16_products, x);
  logits_.resize(static_cast<std::size_t>(rows) * vocabulary);
  CpuLinear(head_, x, rows, {.round_to_bf16 = options_.bf16_products}, logits_.data(), team_);
  StepResult result;
  result.best.resize(static_cast<std::size_t>(rows));
  team_.Run(rows, [&](int row) {
    const float* values = logits_.data() + static_cast<std::size_t>(row) * vocabulary;
    Choice& best = result.best[static_cast<std::size_t>(row)];
    best.id = ArgmaxOnHost(values, head_.outputs);
    best.log_probability = values[best.id] - LogSumExpOnHost(values, head_.outputs);
  });
  if (logits) {
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
      result.logits.emplace_back(logits_.data() + row * vocabulary, vocabulary);
    }
  }
  return result;
}

void CpuDecoder::Copy(int from, int to, int same) {
  const c10::InferenceMode inference;
  const int length = lengths_[static_cast<std::size_t>(from)];
  lengths_[static_cast<std::size_t>(to)] = length;
  if (length == same) return;
  for (const Tensor& cache : {keys_, values_}) {
    const auto part = [&](int slot) {
      return cache.select(1, slot).narrow(2, same, length - same);
    };
    part(to).copy_(part(from));
  }
}

}  // namespace stillwatch::model
