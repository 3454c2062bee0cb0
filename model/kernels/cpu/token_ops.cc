#include "model/kernels/cpu/token_ops.h"

#include <cmath>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/simd.h"

namespace stillwatch::model {
namespace {

float Rounded(float x, bool round_to_bf16) { return round_to_bf16 ? RoundToBf16(x) : x; }

void Store(const CpuKvView& kv, void* to, std::ptrdiff_t at, float x) {
  if (kv.bf16) {
    static_cast<Bf16*>(to)[at] = ToBf16(x);
  } else {
    static_cast<float*>(to)[at] = x;
  }
}

}  // namespace

void RmsNormOnHost(const float* x, const float* weight, float epsilon, int rows, int columns,
                   bool round_to_bf16, float* y) {
  for (int r = 0; r < rows; ++r) {
    const float* from = x + static_cast<std::ptrdiff_t>(r) * columns;
    float* to = y + static_cast<std::ptrdiff_t>(r) * columns;
    float parts[8] = {};  // Eight sums instead of one: as precise as a GPU's tree, and vectorised.
    int c = 0;
    for (; c + 8 <= columns; c += 8) {
      for (int i = 0; i < 8; ++i) parts[i] += from[c + i] * from[c + i];
    }
    for (; c < columns; ++c) parts[0] += from[c] * from[c];
    float sum = 0;
    for (const float part : parts) sum += part;
    const float scale = 1.0F / std::sqrt(sum / static_cast<float>(columns) + epsilon);
    for (c = 0; c < columns; ++c) {
      to[c] = Rounded(weight[c] * Rounded(from[c] * scale, round_to_bf16), round_to_bf16);
    }
  }
}

RopeTable MakeRopeTable(int head_dim, double theta, int positions, bool round_to_bf16) {
  RopeTable table{head_dim, {}, {}};
  const int half = head_dim / 2;
  for (int p = 0; p < positions; ++p) {
    for (int i = 0; i < half; ++i) {
      const auto inverse = static_cast<float>(
          std::pow(theta, -static_cast<double>(static_cast<float>(2 * i)) / head_dim));
      const float angle = static_cast<float>(p) * inverse;
      table.cos.push_back(Rounded(std::cos(angle), round_to_bf16));
      table.sin.push_back(Rounded(std::sin(angle), round_to_bf16));
    }
  }
  return table;
}

void RopeAppendOnHost(const AttentionShape& shape, const RopeTable& table, int position, float* qkv,
                      bool round_to_bf16, const CpuKvView& kv) {
  const int half = shape.head_dim / 2;
  const float* cos = table.cos.data() + static_cast<std::ptrdiff_t>(position) * half;
  const float* sin = table.sin.data() + static_cast<std::ptrdiff_t>(position) * half;
  const auto round = [=](float x) { return Rounded(x, round_to_bf16); };
  for (int head = 0; head < shape.heads + shape.kv_heads; ++head) {
    float* x = qkv + static_cast<std::ptrdiff_t>(head) * shape.head_dim;
    for (int i = 0; i < half; ++i) {
      const float low = x[i];
      const float high = x[i + half];
      x[i] = round(round(low * cos[i]) + round(-high * sin[i]));
      x[i + half] = round(round(high * cos[i]) + round(low * sin[i]));
    }
  }
  for (int head = 0; head < shape.kv_heads; ++head) {
    const std::ptrdiff_t row =
        (static_cast<std::ptrdiff_t>(head) * kv.capacity + position) * shape.head_dim;
    const float* k = qkv + static_cast<std::ptrdiff_t>(shape.heads + head) * shape.head_dim;
    const float* v = k + static_cast<std::ptrdiff_t>(shape.kv_heads) * shape.head_dim;
    for (int i = 0; i < shape.head_dim; ++i) {
      Store(kv, kv.keys, row + i, k[i]);
      Store(kv, kv.values, row + i, v[i]);
    }
  }
}

int ArgmaxOnHost(const float* values, int count) {
  const float most = SimdFor(BestCpuIsa()).largest(values, count);
  for (int i = 0; i < count; ++i) {
    if (values[i] == most) return i;
  }
  return 0;
}

float LogSumExpOnHost(const float* values, int count, CpuIsa isa) {
  const SimdKernels& simd = SimdFor(isa);
  const float most = simd.largest(values, count);
  if (std::isinf(most)) return most;
  return most + std::log(simd.sum_exp(values, count, most));
}

}  // namespace stillwatch::model
