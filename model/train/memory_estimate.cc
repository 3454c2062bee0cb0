#include "model/train/memory_estimate.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace stillwatch::model {
namespace {

constexpr double kBf16 = 2, kFp32 = 4;

constexpr std::array<NetworkSize, 2> kSizes = {{{.word = "onevision-7b",
                                                 .hidden = 3584,
                                                 .layers = 28,
                                                 .heads = 28,
                                                 .kv_heads = 4,
                                                 .intermediate = 18944,
                                                 .vocabulary = 152064},
                                                {.word = "onevision-0.5b",
                                                 .hidden = 896,
                                                 .layers = 24,
                                                 .heads = 14,
                                                 .kv_heads = 2,
                                                 .intermediate = 4864,
                                                 .vocabulary = 151936,
                                                 .tied = true}}};

struct Counts {
  double decoder = 0;  // Blocks, with norms and biases.
  double lora = 0;
  double embeddings = 0;  // And the head.
  double tower = 0, projector = 0, module = 0;
};

Counts Count(const NetworkSize& s, std::int64_t rank) {
  const auto h = static_cast<double>(s.hidden);
  const double kv = h / static_cast<double>(s.heads) * static_cast<double>(s.kv_heads);
  const auto m = static_cast<double>(s.intermediate);
  const auto layers = static_cast<double>(s.layers);
  const auto r = static_cast<double>(rank);
  const auto w = static_cast<double>(s.tower_width);
  const auto t = static_cast<double>(s.tower_hidden);
  Counts c;
  c.decoder = layers * (2 * h * h + 2 * h * kv + 3 * h * m + (h + 2 * kv) + 2 * h) + h;
  c.lora = layers * r * (2 * (h + h) + 2 * (h + kv) + 3 * (h + m));
  c.embeddings = static_cast<double>(s.vocabulary) * h * (s.tied ? 1 : 2);
  c.tower = static_cast<double>(s.tower_layers) * (4 * w * w + 2 * w * t + 9 * w + t) + 588 * w +
            w + static_cast<double>(s.picture_tokens) * w;
  c.projector = w * h + h + h * h + h;
  // Three attentions, an MLP of four times the width and flags a layer; W_m, W_p and the gate.
  c.module = static_cast<double>(s.module_layers) * (12 * w * w + 8 * w * w + 25 * w) + 5 * w * w +
             3 * w * w + 4 * w;
  return c;
}

}  // namespace

std::optional<NetworkSize> FindNetworkSize(std::string_view word) {
  for (const NetworkSize& size : kSizes) {
    if (size.word == word) return size;
  }
  return std::nullopt;
}

MemoryEstimate EstimateMemory(const NetworkSize& s, const MemoryOptions& options) {
  const Counts c = Count(s, options.lora_rank);
  const bool lora = options.lora_rank > 0;
  MemoryEstimate out;
  out.parameters = c.decoder + c.embeddings + c.tower + c.projector + c.module + c.lora;
  out.trained = c.tower + c.projector + c.module + (lora ? c.lora : c.decoder + c.embeddings);
  out.fixed = {{"weights, bf16", kBf16 * out.parameters},
               {"masters of what is trained, fp32", kFp32 * out.trained},
               {"two moments of AdamW, fp32", 2 * kFp32 * out.trained},
               {"gradients, bf16 and summed in fp32", (kBf16 + kFp32) * out.trained}};
  if (options.average) out.fixed.push_back({"running averages, fp32", kFp32 * out.trained});

  const auto h = static_cast<double>(s.hidden);
  const auto m = static_cast<double>(s.intermediate);
  const auto w = static_cast<double>(s.tower_width);
  const auto pictures = 2 * static_cast<double>(s.picture_tokens);
  const double tokens = pictures + static_cast<double>(options.text_tokens + options.label_tokens);
  // What one decoder layer keeps a token: input, two norms' fp32 copies, q, k, v, attention's
  // output, the MLP's three wide tensors, and LoRA's narrow ones.
  const double kv = h * static_cast<double>(s.kv_heads) / static_cast<double>(s.heads);
  const double layer =
      tokens * (kBf16 * (6 * h + 2 * kv + 3 * m + 7 * static_cast<double>(options.lora_rank)) +
                2 * kFp32 * h);
  const auto layers = static_cast<double>(s.layers);
  if (options.recompute) {
    out.for_pair.push_back({"decoder: inputs of its layers", layers * tokens * kBf16 * h});
    out.for_pair.push_back({"decoder: one layer at a time", layer});
  } else {
    out.for_pair.push_back({"decoder: all layers", layers * layer});
  }
  out.for_pair.push_back(
      {"logits of the labels, fp32, three times",
       3 * kFp32 * static_cast<double>(options.label_tokens) * static_cast<double>(s.vocabulary)});
  out.for_pair.push_back(
      {"tower", static_cast<double>(s.tower_layers) * pictures *
                    (kBf16 * (8 * w + 2 * static_cast<double>(s.tower_hidden)) + 2 * kFp32 * w)});
  // Queries are the change's and both pictures' tokens, keys up to three times as many.
  out.for_pair.push_back({"difference module", static_cast<double>(s.module_layers * s.scales) *
                                                   (pictures / 2) * kBf16 * (45 * w)});
  for (const auto& part : out.fixed) out.fixed_bytes += part.bytes;
  for (const auto& part : out.for_pair) out.pair_bytes += part.bytes;
  out.pairs =
      static_cast<std::int64_t>(std::max(0.0, (options.budget - out.fixed_bytes) / out.pair_bytes));
  return out;
}

std::string Describe(const NetworkSize& size, const MemoryOptions& options) {
  const MemoryEstimate estimate = EstimateMemory(size, options);
  std::string text;
  const auto line = [&text](const std::string& what, double bytes) {
    std::array<char, 128> row{};
    std::snprintf(row.data(), row.size(), "  %-42s %8.2f GB\n", what.c_str(), bytes / 1e9);
    text += row.data();
  };
  std::array<char, 160> head{};
  std::snprintf(head.data(), head.size(), "%.*s: %.2f billion weights, %.0f million in training\n",
                static_cast<int>(size.word.size()), size.word.data(), estimate.parameters / 1e9,
                estimate.trained / 1e6);
  text += head.data();
  for (const auto& part : estimate.fixed) line(part.what, part.bytes);
  line("fixed, in all", estimate.fixed_bytes);
  text += "for each pair at once\n";
  for (const auto& part : estimate.for_pair) line(part.what, part.bytes);
  line("a pair, in all", estimate.pair_bytes);
  std::snprintf(head.data(), head.size(), "within %.0f GB: %lld pairs at once\n",
                options.budget / 1e9, static_cast<long long>(estimate.pairs));
  return text + head.data();
}

}  // namespace stillwatch::model
