// SimdKernels: the inner loops that are compiled once for each instruction set.

#pragma once

#include "model/kernels/cpu/isa.h"
#include "model/kernels/cpu/linear.h"

namespace stillwatch::model {

inline constexpr int kMaxVectors = 8;  // Vectors that one pass over the weights serves.

// Plain pointers and ints only: the sources that include this are compiled with -mavx..., and an
// inline function of std that they instantiate could end up in code that every processor runs.
struct DotPiece {
  WeightFormat format = WeightFormat::kBf16;
  const void* data = nullptr;
  const float* scales = nullptr;
  int inputs = 0;
  int group = 0;
  const void* x = nullptr;  // What `prepare` wrote: m rows, inputs floats apart.
  int m = 0;                // 1..kMaxVectors
};

struct AttendPiece {
  const float* q = nullptr;  // [group, head_dim], already scaled.
  const void* keys = nullptr;
  const void* values = nullptr;
  bool bf16 = false;
  int group = 0;  // Query heads that share these keys, 1..16.
  int head_dim = 0;
  int first = 0;  // Tokens first..last-1.
  int last = 0;
  // Partial softmax of these tokens: for each query head the maximum, the sum of exponentials and
  // the weighted values, not yet divided.
  float* maximum = nullptr;
  float* sum = nullptr;
  float* mixed = nullptr;  // [group, head_dim]
};

struct SimdKernels {
  // Brings one vector into the order that dot_rows reads: `inputs` floats of room.
  void (*prepare)(WeightFormat format, const float* x, int inputs, void* prepared);
  // sums[r * kMaxVectors + i] = row first + r of the weights times vector i, scaled.
  void (*dot_rows)(const DotPiece& piece, int first, int rows, float* sums);
  void (*attend)(const AttendPiece& piece);
  float (*largest)(const float* values, int count);
  float (*sum_exp)(const float* values, int count, float less);  // sum(exp(values - less))
};

[[nodiscard]] const SimdKernels& BaselineKernels();
[[nodiscard]] const SimdKernels& Avx2Kernels();
[[nodiscard]] const SimdKernels& Avx512Kernels();
[[nodiscard]] const SimdKernels& Avx512Bf16Kernels();
[[nodiscard]] const SimdKernels& SimdFor(CpuIsa isa);

}  // namespace stillwatch::model
