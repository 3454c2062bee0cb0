// The decoder's CUDA kernels: plain pointers to device memory, sizes and a stream.
//
// Compiles without CUDA's headers.  Every function queues its work and returns; false: the launch
// was refused (or the shape is one that the kernel does not have, where the comment says so).
// `rows` may be 0.  Sums are in float; activations are bf16 and are rounded where Qwen2 in bf16
// rounds.  Pointers are 16 bytes aligned.

#pragma once

#include <cstdint>

#include "model/kernels/bf16.h"
#include "model/kernels/weight_format.h"

using cudaStream_t = struct CUstream_st*;  // As in cuda_runtime_api.h.

namespace stillwatch::model {

// x += delta (where given), y = weight * round(x / rms(x)); [rows, columns].
[[nodiscard]] bool LaunchAddRmsNorm(Bf16* x, const Bf16* delta, const Bf16* weight, Bf16* y,
                                    int rows, int columns, float epsilon, cudaStream_t stream);

// y[r] = table[ids[r]]; a row whose id is not in 0..vocabulary-1 becomes 0.
[[nodiscard]] bool LaunchEmbed(const Bf16* table, const std::int32_t* ids, Bf16* y, int rows,
                               int columns, int vocabulary, cudaStream_t stream);

// y[r, c] = silu(gate) * up of gate_up[r, 2 * columns], gates first.
[[nodiscard]] bool LaunchSwiGlu(const Bf16* gate_up, Bf16* y, int rows, int columns,
                                cudaStream_t stream);

// x = gelu(x + bias), in place.
enum class Gelu { kTanh, kErf };
[[nodiscard]] bool LaunchBiasGelu(Bf16* x, const Bf16* bias, int rows, int columns, Gelu kind,
                                  cudaStream_t stream);

struct HeadShape {
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;  // 64 or 128.
};

// Keys and values of one layer in static slots: [slots, kv_heads, capacity, head_dim].
struct KvSlots {
  Bf16* keys = nullptr;
  Bf16* values = nullptr;
  int capacity = 0;  // Tokens of a slot.
};

// Rotates q and k of qkv[rows, (heads + 2 kv_heads) * head_dim] in place and stores k and v of row
// r at positions[r] of slots[r].  cos and sin: [positions, head_dim / 2].  A position outside the
// slot (a sequence that has ended has -1) leaves its row alone.
[[nodiscard]] bool LaunchRopeAppend(Bf16* qkv, const float* cos, const float* sin,
                                    const std::int32_t* positions, const std::int32_t* slots,
                                    const KvSlots& kv, const HeadShape& shape, int rows,
                                    cudaStream_t stream);

// One new token of each row: out[rows, heads * head_dim] = attention of the row's q over tokens
// 0..positions[r] of slots[r]; 0 where positions[r] is -1.  Each key and value is read once for all
// the query heads that share it.  `partial`: DecodeAttentionScratch() floats where splits > 1.
// False for a head_dim other than 64 and 128, or more than 8 query heads a key head.
[[nodiscard]] bool LaunchDecodeAttention(const Bf16* qkv, const std::int32_t* positions,
                                         const std::int32_t* slots, const KvSlots& kv,
                                         const HeadShape& shape, int rows, int splits,
                                         float* partial, Bf16* out, cudaStream_t stream);
// Splits that fill a GPU of `processors` with `rows` sequences; floats of scratch that they need.
[[nodiscard]] int DecodeAttentionSplits(const HeadShape& shape, int rows, int processors);
[[nodiscard]] std::int64_t DecodeAttentionScratch(const HeadShape& shape, int rows, int splits);

// Rows first_row..first_row+rows-1 of a packed qkv are one sequence's tokens from first_position
// on.
struct PrefillSpan {
  std::int32_t first_row = 0;
  std::int32_t rows = 0;
  std::int32_t slot = 0;
  std::int32_t first_position = 0;
};

// Causal attention of every span's rows over its slot (LaunchRopeAppend has filled it), on tensor
// cores.  `spans` lies on the device, longest_rows is the largest of their rows.
// False for a head_dim other than 64 and 128.
[[nodiscard]] bool LaunchPrefillAttention(const Bf16* qkv, const PrefillSpan* spans, int count,
                                          int longest_rows, const KvSlots& kv,
                                          const HeadShape& shape, Bf16* out, cudaStream_t stream);

// A matrix of weights on the device.
struct DeviceWeight {
  WeightFormat format = WeightFormat::kBf16;  // Not kFloat32.
  const void* data = nullptr;
  const float* scales = nullptr;  // [outputs], kInt4: [outputs, inputs / 128].
  int outputs = 0;
  int inputs = 0;  // kInt4: a multiple of 128.
};

// y[rows, outputs] = x W^T (+ bias) (+ residual), rows <= 8: weights are read once, 16 bytes a
// load, the columns split over a block's warps.  residual may be y.  False for more rows.
[[nodiscard]] bool LaunchSmallGemm(const DeviceWeight& weight, const Bf16* x, int rows,
                                   const Bf16* bias, const Bf16* residual, Bf16* y,
                                   cudaStream_t stream);
// y[rows, outputs / 2] = silu(gate) * up; the rows of `packed` are gate's, then up's.
[[nodiscard]] bool LaunchSmallGateUp(const DeviceWeight& packed, const Bf16* x, int rows, Bf16* y,
                                     cudaStream_t stream);

// The weights as bf16, for a large GEMM.
[[nodiscard]] bool LaunchDequantize(const DeviceWeight& weight, Bf16* y, cudaStream_t stream);

// Each row as fp8 e4m3 with one scale: x is about y * scales[r], the row's largest becomes 448.
[[nodiscard]] bool LaunchQuantizeFp8(const Bf16* x, std::uint8_t* y, float* scales, int rows,
                                     int columns, cudaStream_t stream);

// ids[r] = the first of the largest logits[r, 0..valid-1]; rows are `vocabulary` apart.  log_probs
// (where given): that id's log-probability.
[[nodiscard]] bool LaunchArgmax(const Bf16* logits, int rows, int vocabulary, int valid,
                                std::int32_t* ids, float* log_probs, cudaStream_t stream);

// What the device knows of each row of a decode step.
struct DecodeRows {
  std::int32_t* ids = nullptr;        // In: the argmax.  Stays, as the next step's input.
  std::int32_t* positions = nullptr;  // Of the token just fed; -1: the row is idle.
  std::int32_t* left = nullptr;       // Tokens that it may still write.
  float* log_probs = nullptr;
};

// After a step's argmax: writes ids and log_probs to written[step, rows] (-1 for an idle row),
// moves positions on, and idles rows that wrote a stop id, their last token, or filled their slot.
// *step counts up.
[[nodiscard]] bool LaunchAdvance(const DecodeRows& state, int rows, const std::int32_t* stop_ids,
                                 int stops, int capacity, std::int32_t* step, std::int32_t* written,
                                 float* written_log_probs, cudaStream_t stream);

}  // namespace stillwatch::model
