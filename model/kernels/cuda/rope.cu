// Rotation of q and k, and the cache.
#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

// One block a row; a thread turns a pair of a head, or copies two values.
__global__ void RopeAppend(Bf16* __restrict__ qkv, const float* __restrict__ cos,
                           const float* __restrict__ sin,
                           const std::int32_t* __restrict__ positions,
                           const std::int32_t* __restrict__ slots, KvSlots kv, HeadShape shape) {
  const std::int32_t position = positions[blockIdx.x];
  if (position < 0 || position >= kv.capacity) return;
  const int half = shape.head_dim / 2;
  const int rotated = shape.heads + shape.kv_heads;
  const int pairs = (rotated + shape.kv_heads) * half;
  Bf16* row = qkv + static_cast<std::size_t>(blockIdx.x) * 2 * static_cast<std::size_t>(pairs);
  cos += static_cast<std::size_t>(position) * static_cast<std::size_t>(half);
  sin += static_cast<std::size_t>(position) * static_cast<std::size_t>(half);
  for (int pair = static_cast<int>(threadIdx.x); pair < pairs;
       pair += static_cast<int>(blockDim.x)) {
    const int head = pair / half;
    const int i = pair % half;
    Bf16* x = row + head * shape.head_dim + i;
    Bf16 low = x[0];
    Bf16 high = x[half];
    if (head < rotated) {
      const float a = Wide(low);
      const float b = Wide(high);
      low = Narrow(Rounded(a * cos[i]) + Rounded(-b * sin[i]));
      high = Narrow(Rounded(b * cos[i]) + Rounded(a * sin[i]));
      x[0] = low;
      x[half] = high;
    }
    if (head < shape.heads) continue;
    const bool value = head >= rotated;
    const std::size_t kv_head =
        static_cast<std::size_t>(slots[blockIdx.x]) * static_cast<std::size_t>(shape.kv_heads) +
        static_cast<std::size_t>(head - (value ? rotated : shape.heads));
    Bf16* to =
        (value ? kv.values : kv.keys) +
        (kv_head * static_cast<std::size_t>(kv.capacity) + static_cast<std::size_t>(position)) *
            static_cast<std::size_t>(shape.head_dim) +
        i;
    to[0] = low;
    to[half] = high;
  }
}

}  // namespace

bool LaunchRopeAppend(Bf16* qkv, const float* cos, const float* sin, const std::int32_t* positions,
                      const std::int32_t* slots, const KvSlots& kv, const HeadShape& shape,
                      int rows, cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(RopeAppend, static_cast<unsigned>(rows), 256, 0, stream, qkv, cos, sin, positions,
                slots, kv, shape);
}

}  // namespace stillwatch::model
