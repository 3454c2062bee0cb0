// Activations as fp8 e4m3, one scale a token.
#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

// As FloatToFp8 of fp8.h, for -448 <= x <= 448.
__device__ __forceinline__ std::uint32_t NarrowFp8(float x) {
  const std::uint32_t bits = __float_as_uint(x);
  const std::uint32_t sign = (bits >> 24) & 0x80U;
  const std::uint32_t size = bits & 0x7FFFFFFFU;
  if (size < 0x3C800000U) {  // Below 2^-6, a multiple of 2^-9: 1.5 * 2^14 + x rounds to one.
    return sign | (__float_as_uint(__uint_as_float(size) + 24576.0F) & 0xFU);
  }
  return sign | (((size + 0x7FFFFU + ((size >> 20) & 1U)) >> 20) - (120U << 3));
}

// One block a row.
__global__ void QuantizeFp8(const Bf16* __restrict__ x, std::uint8_t* __restrict__ y,
                            float* __restrict__ scales, int columns) {
  __shared__ float shared[33];
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(columns);
  float largest = 0;
  ForColumns(columns, [&](int c, auto width) {
    float v[width()];
    LoadColumns(x + row + c, v);
    for (int i = 0; i < width(); ++i) largest = Larger(largest, fabsf(v[i]));
  });
  largest = BlockReduce<true>(largest, shared);
  const float scale = largest > 0 ? largest / 448.0F : 1.0F;
  if (threadIdx.x == 0) scales[blockIdx.x] = scale;
  ForColumns(columns, [&](int c, auto width) {
    float v[width()];
    LoadColumns(x + row + c, v);
    for (int i = 0; i < width(); ++i) {
      const float scaled = v[i] / scale;
      v[i] = scaled > 448.0F ? 448.0F : scaled < -448.0F ? -448.0F : scaled;
    }
    if constexpr (width() == 8) {
      std::uint32_t words[2] = {};
      for (int i = 0; i < 8; ++i) words[i / 4] |= NarrowFp8(v[i]) << (8 * (i % 4));
      *reinterpret_cast<uint2*>(y + row + c) = uint2{words[0], words[1]};
    } else {
      y[row + static_cast<std::size_t>(c)] = static_cast<std::uint8_t>(NarrowFp8(v[0]));
    }
  });
}

}  // namespace

bool LaunchQuantizeFp8(const Bf16* x, std::uint8_t* y, float* scales, int rows, int columns,
                       cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(QuantizeFp8, static_cast<unsigned>(rows), 256, 0, stream, x, y, scales, columns);
}

}  // namespace stillwatch::model
