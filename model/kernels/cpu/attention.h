// CpuAttend: one new token of each sequence attends to the keys and values before it.

#pragma once

#include <cstddef>

#include "model/kernels/cpu/isa.h"
#include "model/kernels/cpu/team.h"

namespace stillwatch::model {

// One sequence's keys and values in one layer: [kv_heads, capacity, head_dim], float or Bf16.
struct CpuKvView {
  void* keys = nullptr;
  void* values = nullptr;
  bool bf16 = false;
  int capacity = 0;  // Tokens.
};

struct AttentionShape {
  int heads = 0;     // Query heads, a multiple of kv_heads.
  int kv_heads = 0;  // Each serves heads / kv_heads query heads, which share one read of it.
  int head_dim = 0;
};

// out[sequences, heads * head_dim] = softmax(q k^T / sqrt(head_dim)) v over the first lengths[s]
// tokens of kv[s].  q has a row of `q_stride` floats a sequence (so it may lie in a packed qkv).
// REQUIRES: 1 <= lengths[s] <= capacity; heads / kv_heads <= 16; head_dim <= 256.
void CpuAttend(const AttentionShape& shape, const float* q, std::ptrdiff_t q_stride,
               const CpuKvView* kv, const int* lengths, int sequences, bool round_to_bf16,
               float* out, CpuTeam& team, CpuIsa isa = BestCpuIsa());

}  // namespace stillwatch::model
