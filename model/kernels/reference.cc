#include "model/kernels/reference.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "model/kernels/bf16.h"

namespace stillwatch::model {
namespace {

float Rounded(float x, bool round_to_bf16) { return round_to_bf16 ? RoundToBf16(x) : x; }

double Dot(const float* a, const float* b, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

}  // namespace

void LinearOnHost(const float* x, const float* w, const float* bias, const float* residual, int m,
                  int outputs, int inputs, bool round_to_bf16, float* y) {
  for (int i = 0; i < m; ++i) {
    for (int o = 0; o < outputs; ++o) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * outputs + o;
      auto sum = static_cast<float>(Dot(x + static_cast<std::ptrdiff_t>(i) * inputs,
                                        w + static_cast<std::ptrdiff_t>(o) * inputs, inputs));
      if (bias != nullptr) sum += bias[o];
      sum = Rounded(sum, round_to_bf16);
      if (residual != nullptr) sum = Rounded(sum + residual[at], round_to_bf16);
      y[at] = sum;
    }
  }
}

void SwiGluOnHost(const float* gate_up, int rows, int columns, bool round_to_bf16, float* y) {
  for (int r = 0; r < rows; ++r) {
    const float* gate = gate_up + static_cast<std::ptrdiff_t>(r) * 2 * columns;
    for (int c = 0; c < columns; ++c) {
      const float silu = Rounded(gate[c] / (1.0F + std::exp(-gate[c])), round_to_bf16);
      y[static_cast<std::ptrdiff_t>(r) * columns + c] =
          Rounded(silu * gate[columns + c], round_to_bf16);
    }
  }
}

void BiasGeluOnHost(float* x, const float* bias, int rows, int columns, bool erf,
                    bool round_to_bf16) {
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(rows) * columns; ++i) {
    const double v = static_cast<double>(Rounded(x[i] + bias[i % columns], round_to_bf16));
    const double gate =
        erf ? std::erf(v * std::sqrt(0.5))
            : std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v));
    x[i] = Rounded(static_cast<float>(0.5 * v * (1 + gate)), round_to_bf16);
  }
}

void AttendOnHost(const AttentionShape& shape, const float* q, const float* keys,
                  const float* values, int capacity, int length, bool round_to_bf16, float* out) {
  const int dim = shape.head_dim;
  std::vector<double> weights(static_cast<std::size_t>(length));
  for (int head = 0; head < shape.heads; ++head) {
    const std::ptrdiff_t offset =
        static_cast<std::ptrdiff_t>(head / (shape.heads / shape.kv_heads)) * capacity * dim;
    double total = 0;
    for (int t = 0; t < length; ++t) {
      weights[static_cast<std::size_t>(t)] =
          std::exp(Dot(q + static_cast<std::ptrdiff_t>(head) * dim,
                       keys + offset + static_cast<std::ptrdiff_t>(t) * dim, dim) /
                   std::sqrt(dim));
      total += weights[static_cast<std::size_t>(t)];
    }
    for (int d = 0; d < dim; ++d) {
      double sum = 0;
      for (int t = 0; t < length; ++t) {
        sum += weights[static_cast<std::size_t>(t)] *
               static_cast<double>(values[offset + static_cast<std::ptrdiff_t>(t) * dim + d]);
      }
      out[static_cast<std::ptrdiff_t>(head) * dim + d] =
          Rounded(static_cast<float>(sum / total), round_to_bf16);
    }
  }
}

}  // namespace stillwatch::model
