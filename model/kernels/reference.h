// The plain C++ twins of kernels that have no other use on the CPU: what their tests compare with.

#pragma once

#include "model/kernels/cpu/attention.h"

namespace stillwatch::model {

// Activations are floats; `round_to_bf16` rounds where the kernels round.  RmsNormOnHost,
// RopeAppendOnHost and ArgmaxOnHost are in cpu/token_ops.h, QuantizeFp8OnHost in quantize.h.

// y[m, outputs] = x w^T (+ bias) (+ residual), summed in double.
void LinearOnHost(const float* x, const float* w, const float* bias, const float* residual, int m,
                  int outputs, int inputs, bool round_to_bf16, float* y);

// y[rows, columns] = silu(gate) * up of gate_up[rows, 2 * columns].
void SwiGluOnHost(const float* gate_up, int rows, int columns, bool round_to_bf16, float* y);

void BiasGeluOnHost(float* x, const float* bias, int rows, int columns, bool erf,
                    bool round_to_bf16);

// out[heads * head_dim]: one token's attention over the first `length` keys and values, each
// [kv_heads, capacity, head_dim]; in double, one query head after the other.
void AttendOnHost(const AttentionShape& shape, const float* q, const float* keys,
                  const float* values, int capacity, int length, bool round_to_bf16, float* out);

}  // namespace stillwatch::model
