// SwiGLU and GELU.
#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

constexpr unsigned kThreads = 256;

__global__ void SwiGlu(const Bf16* __restrict__ gate_up, Bf16* __restrict__ y, int columns) {
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(columns);
  ForColumns(columns, [&](int c, auto width) {
    float gate[width()];
    float up[width()];
    LoadColumns(gate_up + 2 * row + c, gate);
    LoadColumns(gate_up + 2 * row + columns + c, up);
    for (int i = 0; i < width(); ++i) gate[i] = Rounded(Silu(gate[i])) * up[i];
    StoreColumns(y + row + c, gate);
  });
}

template <bool kErf>
__device__ float GeluOf(float x) {
  if constexpr (kErf) {
    return 0.5F * x * (1.0F + erff(x * 0.70710678F));
  } else {
    return 0.5F * x * (1.0F + tanhf(0.79788456F * (x + 0.044715F * x * x * x)));
  }
}

template <bool kErf>
__global__ void BiasGelu(Bf16* __restrict__ x, const Bf16* __restrict__ bias, int columns) {
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(columns);
  ForColumns(columns, [&](int c, auto width) {
    float v[width()];
    float b[width()];
    LoadColumns(x + row + c, v);
    LoadColumns(bias + c, b);
    for (int i = 0; i < width(); ++i) v[i] = GeluOf<kErf>(Rounded(v[i] + b[i]));
    StoreColumns(x + row + c, v);
  });
}

}  // namespace

bool LaunchSwiGlu(const Bf16* gate_up, Bf16* y, int rows, int columns, cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(SwiGlu, static_cast<unsigned>(rows), kThreads, 0, stream, gate_up, y, columns);
}

bool LaunchBiasGelu(Bf16* x, const Bf16* bias, int rows, int columns, Gelu kind,
                    cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(kind == Gelu::kErf ? BiasGelu<true> : BiasGelu<false>, static_cast<unsigned>(rows),
                kThreads, 0, stream, x, bias, columns);
}

}  // namespace stillwatch::model
