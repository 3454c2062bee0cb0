// Attention of one new token a sequence: a block for each sequence, key head and share of the
// tokens.
#include <cmath>

#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

constexpr int kThreads = 128;
constexpr int kInFlight = 4;  // Tokens a lane group loads before it needs them.

struct DecodeParameters {
  const Bf16* qkv;
  const std::int32_t* positions;
  const std::int32_t* slots;
  KvSlots kv;
  HeadShape shape;
  float* partial;  // [rows, heads, splits, head_dim + 2]: mixed values, maximum, sum.
  Bf16* out;
};

__device__ __forceinline__ float ExpOrZero(float x, float maximum) {
  return x == -INFINITY ? 0.0F : __expf(x - maximum);
}

// D / 8 lanes hold a token (16 bytes each), so a block looks at kGroups tokens at a time; each
// group of lanes keeps a softmax of its own for all G query heads, and the groups are combined at
// the end.
template <int D, int G>
__global__ void __launch_bounds__(kThreads) DecodeAttention(DecodeParameters p) {
  constexpr int kLanes = D / 8;
  constexpr int kGroups = kThreads / kLanes;
  STILLWATCH_DYNAMIC_SHARED(shared_bytes);
  auto* shared = reinterpret_cast<float*>(shared_bytes);  // [kGroups, G, D + 2]
  const int splits = static_cast<int>(gridDim.x);
  const int split = static_cast<int>(blockIdx.x);
  const int kv_head = static_cast<int>(blockIdx.y);
  const int row = static_cast<int>(blockIdx.z);
  const int group_heads = p.shape.heads / p.shape.kv_heads;
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  const int group = static_cast<int>(threadIdx.x) / kLanes;
  const int length = p.positions[row] + 1;
  const int each = (length + splits - 1) / splits;
  const int first = split * each;
  const int last = length < first + each ? length : first + each;

  float q[G][8];
  const Bf16* q_row =
      p.qkv + static_cast<std::size_t>(row) *
                  static_cast<std::size_t>((p.shape.heads + 2 * p.shape.kv_heads) * D);
  const float scale = rsqrtf(static_cast<float>(D));
  for (int g = 0; g < G; ++g) {
    const int head = kv_head * group_heads + (g < group_heads ? g : 0);
    Load8(q_row + head * D + lane * 8, q[g]);
    for (int i = 0; i < 8; ++i) q[g][i] *= scale;
  }

  float mixed[G][8] = {};
  float maximum[G];
  float sum[G] = {};
  for (int g = 0; g < G; ++g) maximum[g] = -INFINITY;
  const std::size_t head_offset =
      (static_cast<std::size_t>(p.slots[row]) * static_cast<std::size_t>(p.shape.kv_heads) +
       static_cast<std::size_t>(kv_head)) *
      static_cast<std::size_t>(p.kv.capacity) * D;
  const Bf16* keys = p.kv.keys + head_offset + lane * 8;
  const Bf16* values = p.kv.values + head_offset + lane * 8;
  // The same number of turns for every thread: the lanes of a warp exchange below.
  for (int base = first; base < last; base += kGroups * kInFlight) {
    float k[kInFlight][8];
    float scores[kInFlight][G];
#pragma unroll
    for (int b = 0; b < kInFlight; ++b) {
      const int token = base + b * kGroups + group;
      const int safe = token < last ? token : last - 1;
      Load8(keys + static_cast<std::size_t>(safe) * D, k[b]);
    }
#pragma unroll
    for (int b = 0; b < kInFlight; ++b) {
      const bool inside = base + b * kGroups + group < last;
#pragma unroll
      for (int g = 0; g < G; ++g) {
        float dot = 0;
        for (int i = 0; i < 8; ++i) dot += q[g][i] * k[b][i];
#pragma unroll
        for (int distance = kLanes / 2; distance > 0; distance /= 2) {
          dot += __shfl_xor_sync(kWholeWarp, dot, distance);
        }
        scores[b][g] = inside ? dot : -INFINITY;
      }
    }
#pragma unroll
    for (int b = 0; b < kInFlight; ++b) {  // k's registers now hold values.
      const int token = base + b * kGroups + group;
      const int safe = token < last ? token : last - 1;
      Load8(values + static_cast<std::size_t>(safe) * D, k[b]);
    }
#pragma unroll
    for (int g = 0; g < G; ++g) {
      float now = maximum[g];
      for (int b = 0; b < kInFlight; ++b) now = Larger(now, scores[b][g]);
      const float keep = ExpOrZero(maximum[g], now);
      sum[g] *= keep;
      for (int i = 0; i < 8; ++i) mixed[g][i] *= keep;
      for (int b = 0; b < kInFlight; ++b) {
        const float weight = ExpOrZero(scores[b][g], now);
        sum[g] += weight;
        for (int i = 0; i < 8; ++i) mixed[g][i] += weight * k[b][i];
      }
      maximum[g] = now;
    }
  }

  for (int g = 0; g < G; ++g) {
    float* to = shared + (group * G + g) * (D + 2);
    for (int i = 0; i < 8; ++i) to[lane * 8 + i] = mixed[g][i];
    if (lane == 0) {
      to[D] = maximum[g];
      to[D + 1] = sum[g];
    }
  }
  __syncthreads();
  for (int at = static_cast<int>(threadIdx.x); at < group_heads * D; at += kThreads) {
    const int g = at / D;
    const int d = at % D;
    float most = -INFINITY;
    for (int i = 0; i < kGroups; ++i) most = Larger(most, shared[(i * G + g) * (D + 2) + D]);
    float total = 0;
    float value = 0;
    for (int i = 0; i < kGroups; ++i) {
      const float* from = shared + (i * G + g) * (D + 2);
      const float keep = ExpOrZero(from[D], most);
      total += keep * from[D + 1];
      value += keep * from[d];
    }
    const std::size_t head =
        static_cast<std::size_t>(row) * static_cast<std::size_t>(p.shape.heads) +
        static_cast<std::size_t>(kv_head * group_heads + g);
    if (splits == 1) {
      p.out[head * D + static_cast<std::size_t>(d)] = Narrow(total == 0 ? 0 : value / total);
    } else {
      float* to =
          p.partial +
          (head * static_cast<std::size_t>(splits) + static_cast<std::size_t>(split)) * (D + 2);
      to[d] = value;
      if (d == 0) {
        to[D] = most;
        to[D + 1] = total;
      }
    }
  }
}

// One block a row and head, one thread a dimension.
__global__ void CombineSplits(const float* __restrict__ partial, int splits,
                              Bf16* __restrict__ out) {
  const int dims = static_cast<int>(blockDim.x);
  const std::size_t head = blockIdx.x;
  const float* from = partial + head * static_cast<std::size_t>(splits * (dims + 2));
  float most = -INFINITY;
  for (int s = 0; s < splits; ++s) most = Larger(most, from[s * (dims + 2) + dims]);
  float total = 0;
  float value = 0;
  for (int s = 0; s < splits; ++s) {
    const float keep = ExpOrZero(from[s * (dims + 2) + dims], most);
    total += keep * from[s * (dims + 2) + dims + 1];
    value += keep * from[s * (dims + 2) + static_cast<int>(threadIdx.x)];
  }
  out[head * static_cast<std::size_t>(dims) + threadIdx.x] = Narrow(total == 0 ? 0 : value / total);
}

template <int D, int G>
bool LaunchFor(const DecodeParameters& p, int rows, int splits, cudaStream_t stream) {
  constexpr std::size_t kShared = sizeof(float) * (kThreads / (D / 8)) * G * (D + 2);
  const dim3 grid(static_cast<unsigned>(splits), static_cast<unsigned>(p.shape.kv_heads),
                  static_cast<unsigned>(rows));
  if (!Launch(DecodeAttention<D, G>, grid, kThreads, kShared, stream, p)) return false;
  return splits == 1 || Launch(CombineSplits, static_cast<unsigned>(rows * p.shape.heads), D, 0,
                               stream, p.partial, splits, p.out);
}

template <int D>
bool LaunchForDim(const DecodeParameters& p, int rows, int splits, cudaStream_t stream) {
  const int group = p.shape.heads / p.shape.kv_heads;
  if (group <= 2) return LaunchFor<D, 2>(p, rows, splits, stream);
  if (group <= 4) return LaunchFor<D, 4>(p, rows, splits, stream);
  if (group <= 7) return LaunchFor<D, 7>(p, rows, splits, stream);
  return group <= 8 && LaunchFor<D, 8>(p, rows, splits, stream);
}

}  // namespace

bool LaunchDecodeAttention(const Bf16* qkv, const std::int32_t* positions,
                           const std::int32_t* slots, const KvSlots& kv, const HeadShape& shape,
                           int rows, int splits, float* partial, Bf16* out, cudaStream_t stream) {
  if (rows == 0) return true;
  const DecodeParameters p{qkv, positions, slots, kv, shape, partial, out};
  if (shape.head_dim == 128) return LaunchForDim<128>(p, rows, splits, stream);
  return shape.head_dim == 64 && LaunchForDim<64>(p, rows, splits, stream);
}

int DecodeAttentionSplits(const HeadShape& shape, int rows, int processors) {
  // Two blocks a processor; more than 16 shares of 1,600 tokens would be shorter than one turn.
  const int blocks = rows * shape.kv_heads;
  const int splits = (2 * processors + blocks - 1) / blocks;
  return splits < 1 ? 1 : splits > 16 ? 16 : splits;
}

std::int64_t DecodeAttentionScratch(const HeadShape& shape, int rows, int splits) {
  return splits == 1 ? 0 : std::int64_t{rows} * shape.heads * splits * (shape.head_dim + 2);
}

}  // namespace stillwatch::model
