// What every kernel uses: loads and stores of bf16, reductions, launches, and tensor-core products.
//
// The same sources are compiled by nvcc and, in tests, by g++ against on_host/cuda_on_host.h.

#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#if defined(STILLWATCH_CUDA_ON_HOST)
#include "model/kernels/on_host/cuda_on_host.h"
#define STILLWATCH_DYNAMIC_SHARED(name) unsigned char* name = cuda_on_host::DynamicShared()
#else
#include <cuda_runtime.h>
#define STILLWATCH_DYNAMIC_SHARED(name) extern __shared__ __align__(16) unsigned char name[]
#endif

#include "model/kernels/bf16.h"

namespace stillwatch::model {

inline constexpr unsigned kWholeWarp = 0xFFFFFFFFU;

__device__ __forceinline__ float Wide(std::uint32_t low_bits) {
  return __uint_as_float(low_bits << 16);
}
__device__ __forceinline__ float Wide(Bf16 x) { return Wide(std::uint32_t{x.bits}); }

// To the nearest, ties to even.  NaN is not looked after: no kernel makes one out of numbers.
__device__ __forceinline__ Bf16 Narrow(float x) {
  const unsigned bits = __float_as_uint(x);
  return {static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16)};
}
__device__ __forceinline__ float Rounded(float x) { return Wide(Narrow(x)); }
__device__ __forceinline__ std::uint32_t Pack(float low, float high) {
  return std::uint32_t{Narrow(low).bits} | (std::uint32_t{Narrow(high).bits} << 16);
}

// Eight bf16 from 16 aligned bytes, and back.
__device__ __forceinline__ void Load8(const Bf16* from, float (&to)[8]) {
  const uint4 raw = *reinterpret_cast<const uint4*>(from);
  const std::uint32_t words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    to[2 * i] = Wide(words[i] & 0xFFFFU);
    to[2 * i + 1] = __uint_as_float(words[i] & 0xFFFF0000U);
  }
}
__device__ __forceinline__ void Store8(Bf16* to, const float (&from)[8]) {
  *reinterpret_cast<uint4*>(to) = uint4{Pack(from[0], from[1]), Pack(from[2], from[3]),
                                        Pack(from[4], from[5]), Pack(from[6], from[7])};
}

// Calls body(first column, 8) for whole vectors and body(column, 1) for the rest, spread over the
// block's threads.  Rows must start 16 bytes aligned for vectors: columns % 8 == 0, or else one by
// one.
template <typename Body>
__device__ __forceinline__ void ForColumns(int columns, const Body& body) {
  if (columns % 8 == 0) {
    for (int c = static_cast<int>(threadIdx.x) * 8; c < columns;
         c += static_cast<int>(blockDim.x) * 8) {
      body(c, std::integral_constant<int, 8>{});
    }
  } else {
    for (int c = static_cast<int>(threadIdx.x); c < columns; c += static_cast<int>(blockDim.x)) {
      body(c, std::integral_constant<int, 1>{});
    }
  }
}
template <int N>
__device__ __forceinline__ void LoadColumns(const Bf16* from, float (&to)[N]) {
  if constexpr (N == 8) {
    Load8(from, to);
  } else {
    to[0] = Wide(*from);
  }
}
template <int N>
__device__ __forceinline__ void StoreColumns(Bf16* to, const float (&from)[N]) {
  if constexpr (N == 8) {
    Store8(to, from);
  } else {
    *to = Narrow(from[0]);
  }
}

__device__ __forceinline__ float WarpSum(float x) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2)
    x += __shfl_xor_sync(kWholeWarp, x, distance);
  return x;
}
__device__ __forceinline__ float Larger(float a, float b) { return a > b ? a : b; }
__device__ __forceinline__ float WarpMax(float x) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    x = Larger(x, __shfl_xor_sync(kWholeWarp, x, distance));
  }
  return x;
}

// The whole block's, for every thread.  `shared` holds 33 floats; blockDim.x is a multiple of 32.
template <bool kMaximum>
__device__ __forceinline__ float BlockReduce(float x, float* shared) {
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warps = static_cast<int>(blockDim.x) / 32;
  x = kMaximum ? WarpMax(x) : WarpSum(x);
  if (lane == 0) shared[warp] = x;
  __syncthreads();
  if (warp == 0) {
    float y = lane < warps ? shared[lane] : kMaximum ? shared[0] : 0.0F;
    y = kMaximum ? WarpMax(y) : WarpSum(y);
    if (lane == 0) shared[32] = y;
  }
  __syncthreads();
  return shared[32];
}

__device__ __forceinline__ float Silu(float x) { return x / (1.0F + __expf(-x)); }

// c[16, 8] += a[16, 16] b[16, 8] by one warp; fragments as in PTX mma.m16n8k16.row.col.
__device__ __forceinline__ void MultiplyAdd(float (&c)[4], const std::uint32_t (&a)[4],
                                            std::uint32_t b0, std::uint32_t b1) {
#if defined(STILLWATCH_CUDA_ON_HOST)
  const std::uint32_t mine[6] = {a[0], a[1], a[2], a[3], b0, b1};
  const std::byte* all = cuda_on_host::ExchangeAll(mine, sizeof(mine));
  const auto half = [all](int lane, int word, int high) {
    std::uint32_t bits;
    std::memcpy(&bits, all + 64 * lane + 4 * word, 4);
    return Wide(high != 0 ? bits >> 16 : bits & 0xFFFFU);
  };
  const int lane = LaneOnHost();
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + (i >= 2 ? 8 : 0);
    const int column = 2 * (lane % 4) + i % 2;
    for (int k = 0; k < 16; ++k) {
      c[i] += half(row % 8 * 4 + k % 8 / 2, (row >= 8 ? 1 : 0) + (k >= 8 ? 2 : 0), k % 2) *
              half(column * 4 + k % 8 / 2, k >= 8 ? 5 : 4, k % 2);
    }
  }
#else
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}

// Four 8 x 8 matrices from shared memory, transposed; lane 8 i + j gives the address of matrix i's
// row j, 16 bytes aligned.
__device__ __forceinline__ void LoadTransposed(std::uint32_t (&to)[4], const Bf16* row) {
#if defined(STILLWATCH_CUDA_ON_HOST)
  const std::byte* all = cuda_on_host::ExchangeAll(&row, sizeof(const Bf16*));
  const int lane = LaneOnHost();
  for (int i = 0; i < 4; ++i) {
    std::uint32_t bits[2];
    for (int j = 0; j < 2; ++j) {
      const Bf16* from;
      std::memcpy(&from, all + 64 * (8 * i + 2 * (lane % 4) + j), sizeof(const Bf16*));
      bits[j] = from[lane / 4].bits;
    }
    to[i] = bits[0] | (bits[1] << 16);
  }
#else
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address));
#endif
}

// Queues kernel(arguments...); false where the launch is refused.
template <typename... Parameters>
bool Launch(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t shared_bytes,
            cudaStream_t stream, std::type_identity_t<Parameters>... arguments) {
#if defined(STILLWATCH_CUDA_ON_HOST)
  cuda_on_host::Enqueue(stream, [=] {
    cuda_on_host::RunGrid(grid, threads, shared_bytes, [=] { kernel(arguments...); });
  });
  return true;
#else
  if (shared_bytes > 48 * 1024 &&
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                           static_cast<int>(shared_bytes)) != cudaSuccess) {
    return false;
  }
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, arguments...) == cudaSuccess;
#endif
}

}  // namespace stillwatch::model
