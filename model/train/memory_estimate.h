// EstimateMemory: what training a LLaVA-OneVision network with M3Diff's module would take on one
// GPU.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

// Sizes of one network, as their config.json files give them.
struct NetworkSize {
  std::string_view word{};
  std::int64_t hidden = 0, layers = 0, heads = 0, kv_heads = 0, intermediate = 0, vocabulary = 0;
  bool tied = false;  // The head is the embedding.
  std::int64_t tower_width = 1152, tower_layers = 26, tower_hidden = 4304, picture_tokens = 729;
  std::int64_t scales = 4, module_layers = 2;
};
std::optional<NetworkSize> FindNetworkSize(std::string_view word);  // onevision-7b, onevision-0.5b

struct MemoryOptions {
  std::int64_t lora_rank = 128;    // 0: the decoder is trained whole.
  bool recompute = true;           // The decoder's activations.
  bool average = true;             // Running averages of the weights are kept.
  std::int64_t text_tokens = 60;   // Of the question.
  std::int64_t label_tokens = 80;  // Of the caption.
  double budget = 76e9;            // Bytes.
};

struct MemoryEstimate {
  struct Part {
    std::string what{};
    double bytes = 0;
  };
  double parameters = 0;  // All, and those in training.
  double trained = 0;
  std::vector<Part> fixed{};     // However many pairs are trained at once.
  std::vector<Part> for_pair{};  // For each pair that a thread or GPU takes at once.
  double fixed_bytes = 0, pair_bytes = 0;
  std::int64_t pairs = 0;  // The most at once within the budget; 0: it does not fit.
};

// Weights in bf16; of what is trained fp32 masters, gradients, two moments and (if wanted)
// averages. Activations are counted from the tensors that the backward pass needs in bf16;
// allocator waste is not counted (the budget leaves room for it).  Arithmetic, not a measurement.
MemoryEstimate EstimateMemory(const NetworkSize& size, const MemoryOptions& options);

// A table for people.
std::string Describe(const NetworkSize& size, const MemoryOptions& options);

}  // namespace stillwatch::model
