// What else happens to a token's activations on the CPU: norm, rotation, cache, vocabulary.

#pragma once

#include <cstddef>
#include <vector>

#include "model/kernels/cpu/attention.h"

namespace stillwatch::model {

// All take floats; `round_to_bf16` rounds where Qwen2 in bf16 rounds, so that the result is that of
// a bf16 network up to the order of summation.  The CUDA kernels' tests compare with these.

// y = weight * round(x / rms(x)), row by row: [rows, columns].  y may be x.
void RmsNormOnHost(const float* x, const float* weight, float epsilon, int rows, int columns,
                   bool round_to_bf16, float* y);

// cos and sin of position * theta^(-2i / head_dim): [positions, head_dim / 2] each, computed in
// float as Hugging Face does.
struct RopeTable {
  int head_dim = 0;
  std::vector<float> cos{};
  std::vector<float> sin{};
};
[[nodiscard]] RopeTable MakeRopeTable(int head_dim, double theta, int positions,
                                      bool round_to_bf16);

// Adds one token to a sequence: rotates q (in place) and k (halves, not neighbours) of one packed
// row qkv[(heads + 2 kv_heads) * head_dim], and stores k and v at `position` of the cache.
// REQUIRES: position < capacity, and < the table's positions.
void RopeAppendOnHost(const AttentionShape& shape, const RopeTable& table, int position, float* qkv,
                      bool round_to_bf16, const CpuKvView& kv);

// The largest of `values`, the first of equals; NaN is never it (0 where all are).
[[nodiscard]] int ArgmaxOnHost(const float* values, int count);

// log(sum(exp(values))): a token's log-probability is its logit less this.
[[nodiscard]] float LogSumExpOnHost(const float* values, int count, CpuIsa isa = BestCpuIsa());

}  // namespace stillwatch::model
