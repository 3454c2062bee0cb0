// Causal attention of a prompt's tokens over their slot, on tensor cores: online softmax over tiles
// of keys, as FlashAttention-2 orders it.
#include <cmath>

#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

constexpr int kThreads = 128;  // Four warps of 16 queries.
constexpr int kQueries = 64;   // Of a block.
constexpr int kTile = 64;      // Keys in shared memory at a time.

struct PrefillParameters {
  const Bf16* qkv;
  const PrefillSpan* spans;
  KvSlots kv;
  HeadShape shape;
  Bf16* out;
};

// Rows `first`.. of a head's keys or values into shared rows of D + 8, which keeps the banks apart;
// what lies at `end` and beyond becomes 0.
template <int D>
__device__ __forceinline__ void LoadTile(const Bf16* from, int first, int end, Bf16* to) {
  for (int v = static_cast<int>(threadIdx.x); v < kTile * D / 8; v += kThreads) {
    const int row = v / (D / 8);
    const int column = v % (D / 8) * 8;
    uint4 words{0, 0, 0, 0};
    if (first + row < end) {
      words = *reinterpret_cast<const uint4*>(from + static_cast<std::size_t>(first + row) * D +
                                              column);
    }
    *reinterpret_cast<uint4*>(to + row * (D + 8) + column) = words;
  }
}

__device__ __forceinline__ std::uint32_t Word(const Bf16* p) {
  return *reinterpret_cast<const std::uint32_t*>(p);
}

template <int D>
__global__ void __launch_bounds__(kThreads) PrefillAttention(PrefillParameters p) {
  STILLWATCH_DYNAMIC_SHARED(shared);
  auto* keys = reinterpret_cast<Bf16*>(shared);  // [kTile, D + 8]
  Bf16* values = keys + kTile * (D + 8);
  const PrefillSpan span = p.spans[blockIdx.z];
  const int first_query = static_cast<int>(blockIdx.x) * kQueries;
  if (first_query >= span.rows) return;  // The whole block.
  const int head = static_cast<int>(blockIdx.y);
  const int kv_head = head / (p.shape.heads / p.shape.kv_heads);
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int pair = 2 * (lane % 4);  // This lane's columns of a fragment: pair and pair + 1.
  const std::size_t row_width =
      static_cast<std::size_t>((p.shape.heads + 2 * p.shape.kv_heads) * D);

  // This lane's two rows of the tile, in the span; rows past its end are computed and not stored.
  const int rows[2] = {first_query + warp * 16 + lane / 4, first_query + warp * 16 + lane / 4 + 8};
  std::uint32_t q[D / 16][4];
  for (int half = 0; half < 2; ++half) {
    const int row = rows[half] < span.rows ? rows[half] : span.rows - 1;
    const Bf16* from =
        p.qkv + static_cast<std::size_t>(span.first_row + row) * row_width + head * D;
#pragma unroll
    for (int k = 0; k < D / 16; ++k) {
      q[k][half] = Word(from + k * 16 + pair);
      q[k][half + 2] = Word(from + k * 16 + pair + 8);
    }
  }

  const std::size_t head_offset =
      (static_cast<std::size_t>(span.slot) * static_cast<std::size_t>(p.shape.kv_heads) +
       static_cast<std::size_t>(kv_head)) *
      static_cast<std::size_t>(p.kv.capacity) * D;
  const int last_query = first_query + kQueries < span.rows ? first_query + kQueries : span.rows;
  const int end = span.first_position + last_query;  // Keys that anybody here may see.
  const float scale = rsqrtf(static_cast<float>(D));
  float mixed[D / 8][4] = {};
  float maximum[2] = {-INFINITY, -INFINITY};
  float sum[2] = {};
  for (int tile = 0; tile < end; tile += kTile) {
    __syncthreads();  // The tile before has been used.
    LoadTile<D>(p.kv.keys + head_offset, tile, end, keys);
    LoadTile<D>(p.kv.values + head_offset, tile, end, values);
    __syncthreads();

    float scores[kTile / 8][4] = {};
#pragma unroll
    for (int n = 0; n < kTile / 8; ++n) {
      const Bf16* key = keys + (n * 8 + lane / 4) * (D + 8) + pair;
#pragma unroll
      for (int k = 0; k < D / 16; ++k) {
        MultiplyAdd(scores[n], q[k], Word(key + k * 16), Word(key + k * 16 + 8));
      }
    }
    float most[2] = {maximum[0], maximum[1]};
#pragma unroll
    for (int n = 0; n < kTile / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int key = tile + n * 8 + pair + i % 2;
        const bool seen = key <= span.first_position + rows[i / 2];
        scores[n][i] = seen && key < end ? scores[n][i] * scale : -INFINITY;
        most[i / 2] = Larger(most[i / 2], scores[n][i]);
      }
    }
    float keep[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {  // The four lanes of a row agree.
      most[half] = Larger(most[half], __shfl_xor_sync(kWholeWarp, most[half], 1));
      most[half] = Larger(most[half], __shfl_xor_sync(kWholeWarp, most[half], 2));
      keep[half] = maximum[half] == -INFINITY ? 0.0F : __expf(maximum[half] - most[half]);
      maximum[half] = most[half];
      sum[half] *= keep[half];
    }
#pragma unroll
    for (int n = 0; n < kTile / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        scores[n][i] = scores[n][i] == -INFINITY ? 0.0F : __expf(scores[n][i] - most[i / 2]);
        sum[i / 2] += scores[n][i];
      }
    }
#pragma unroll
    for (int n = 0; n < D / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) mixed[n][i] *= keep[i / 2];
    }
#pragma unroll
    for (int k = 0; k < kTile / 16; ++k) {
      const std::uint32_t weights[4] = {Pack(scores[2 * k][0], scores[2 * k][1]),
                                        Pack(scores[2 * k][2], scores[2 * k][3]),
                                        Pack(scores[2 * k + 1][0], scores[2 * k + 1][1]),
                                        Pack(scores[2 * k + 1][2], scores[2 * k + 1][3])};
#pragma unroll
      for (int n = 0; n < D / 8; n += 2) {
        // Matrices: tokens 0..7 and 8..15 of eight dimensions, then of the next eight.
        std::uint32_t v[4];
        LoadTransposed(v, values + (k * 16 + lane % 16) * (D + 8) + (n + lane / 16) * 8);
        MultiplyAdd(mixed[n], weights, v[0], v[1]);
        MultiplyAdd(mixed[n + 1], weights, v[2], v[3]);
      }
    }
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    sum[half] += __shfl_xor_sync(kWholeWarp, sum[half], 1);
    sum[half] += __shfl_xor_sync(kWholeWarp, sum[half], 2);
    if (rows[half] >= span.rows) continue;
    Bf16* to = p.out +
               (static_cast<std::size_t>(span.first_row + rows[half]) *
                    static_cast<std::size_t>(p.shape.heads) +
                static_cast<std::size_t>(head)) *
                   D +
               pair;
#pragma unroll
    for (int n = 0; n < D / 8; ++n) {
      *reinterpret_cast<std::uint32_t*>(to + n * 8) =
          Pack(mixed[n][2 * half] / sum[half], mixed[n][2 * half + 1] / sum[half]);
    }
  }
}

template <int D>
bool LaunchFor(const PrefillParameters& p, int count, int longest_rows, cudaStream_t stream) {
  constexpr std::size_t kShared = sizeof(Bf16) * 2 * kTile * (D + 8);
  const dim3 grid(static_cast<unsigned>((longest_rows + kQueries - 1) / kQueries),
                  static_cast<unsigned>(p.shape.heads), static_cast<unsigned>(count));
  return Launch(PrefillAttention<D>, grid, kThreads, kShared, stream, p);
}

}  // namespace

bool LaunchPrefillAttention(const Bf16* qkv, const PrefillSpan* spans, int count, int longest_rows,
                            const KvSlots& kv, const HeadShape& shape, Bf16* out,
                            cudaStream_t stream) {
  if (count == 0 || longest_rows == 0) return true;
  const PrefillParameters p{qkv, spans, kv, shape, out};
  if (shape.head_dim == 128) return LaunchFor<128>(p, count, longest_rows, stream);
  return shape.head_dim == 64 && LaunchFor<64>(p, count, longest_rows, stream);
}

}  // namespace stillwatch::model
