// CpuLinear: a matrix of weights times a few vectors, at the speed of memory.

#pragma once

#include <cstdint>

#include "model/kernels/cpu/isa.h"
#include "model/kernels/cpu/team.h"

namespace stillwatch::model {

enum class WeightFormat { kFloat32, kBf16, kInt8 };

// Borrowed weights of y = W x, row by row: [outputs, inputs].
struct CpuWeight {
  WeightFormat format = WeightFormat::kBf16;
  const void* data = nullptr;  // float, Bf16 or std::int8_t.
  // kInt8 only: [outputs, inputs / group].  group = 0: one scale a row.
  const float* scales = nullptr;
  int outputs = 0;
  int inputs = 0;
  int group = 0;  // Columns that share a scale; a multiple of 32 that divides inputs, or 0.
};

// What happens to a sum before it is stored.
struct CpuEpilogue {
  const float* bias = nullptr;      // [outputs]
  const float* residual = nullptr;  // [m, outputs]; may be y itself.
  // Rounds as a bf16 network does: the product with its bias, then the sum with the residual.
  bool round_to_bf16 = false;
};

// y[m, outputs] = x[m, inputs] W^T (+ bias) (+ residual).  Accumulates in float.  For decoding: the
// weights are read once for each 8 rows of x, so from m = 32 or so on a blocked GEMM is faster (a
// guess).  kAvx512Bf16 rounds x to bf16 where the weights are bf16; the others do not.
// REQUIRES: m >= 1, x and y do not overlap.
void CpuLinear(const CpuWeight& weight, const float* x, int m, const CpuEpilogue& epilogue,
               float* y, CpuTeam& team, CpuIsa isa = BestCpuIsa());

// y[m, outputs / 2] = silu(gate) * up, where the rows of `packed` are gate_proj's and then
// up_proj's. round_to_bf16 rounds gate, up, silu(gate) and the product.
void CpuGateUp(const CpuWeight& packed, const float* x, int m, bool round_to_bf16, float* y,
               CpuTeam& team, CpuIsa isa = BestCpuIsa());

}  // namespace stillwatch::model
