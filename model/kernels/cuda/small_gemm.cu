// A matrix of weights times at most eight vectors.
//
// A block makes kRows outputs; its warps share the columns (split-K), so that even a matrix of
// 3,584 rows keeps every processor's loads in flight.  A lane loads 16 bytes of each of kRows rows
// at a time.
#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = 4;

struct SmallGemmParameters {
  DeviceWeight weight;
  const Bf16* x;
  int m;  // At most the kernel's M.
  const Bf16* bias;
  const Bf16* residual;
  Bf16* y;
  bool gate_up;
};

// fp8 e4m3 as a float: its bits fit a float's with another exponent bias.
__device__ __forceinline__ float WideFp8(std::uint32_t byte) {
  return __uint_as_float(((byte & 0x80U) << 24) | ((byte & 0x7FU) << 20)) * 0x1p120F;
}

template <WeightFormat F>
struct Traits {  // Weights in 16 bytes.
  static constexpr int kWeights = F == WeightFormat::kBf16 ? 8 : F == WeightFormat::kInt4 ? 32 : 16;
};

// Weights 8 * part..8 * part + 7 of 16 bytes, not scaled.
template <WeightFormat F>
__device__ __forceinline__ void Decode8(const std::uint32_t (&raw)[4], int part, float (&to)[8]) {
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    if constexpr (F == WeightFormat::kBf16) {
      to[i] = i % 2 == 0 ? Wide(raw[i / 2] & 0xFFFFU) : __uint_as_float(raw[i / 2] & 0xFFFF0000U);
    } else if constexpr (F == WeightFormat::kInt4) {
      // The nibble as the last bits of 2^23 + nibble: cheaper than a conversion.
      to[i] = __uint_as_float(0x4B000000U | ((raw[part] >> (4 * i)) & 0xFU)) - 8388616.0F;
    } else {
      const std::uint32_t byte = (raw[2 * part + i / 4] >> (8 * (i % 4))) & 0xFFU;
      if constexpr (F == WeightFormat::kInt8) {
        to[i] = static_cast<float>(static_cast<std::int8_t>(byte));
      } else {
        to[i] = WideFp8(byte);
      }
    }
  }
}

// One weight, not scaled; `at` counts from the matrix's beginning.
template <WeightFormat F>
__device__ __forceinline__ float Decode1(const void* data, std::size_t at) {
  if constexpr (F == WeightFormat::kBf16) {
    return Wide(static_cast<const Bf16*>(data)[at]);
  } else if constexpr (F == WeightFormat::kInt8) {
    return static_cast<float>(static_cast<const std::int8_t*>(data)[at]);
  } else if constexpr (F == WeightFormat::kFp8) {
    return WideFp8(static_cast<const std::uint8_t*>(data)[at]);
  } else {
    const std::uint32_t byte = static_cast<const std::uint8_t*>(data)[at / 2];
    return static_cast<float>(static_cast<int>((byte >> (4 * (at % 2))) & 0xFU) - 8);
  }
}

// One step of WarpSums: a lane keeps half of its values and gives away the other half.
template <int kHalf, int N>
__device__ __forceinline__ void Halve(float (&values)[N], int lane) {
  if constexpr (kHalf > 0) {
    const bool upper = (lane & kHalf) != 0;
#pragma unroll
    for (int i = 0; i < kHalf; ++i) {
      const float low = values[i];  // Both first: choosing between addresses would take memory.
      const float high = values[i + kHalf];
      values[i] = (upper ? high : low) + __shfl_xor_sync(kWholeWarp, upper ? low : high, kHalf);
    }
    Halve<kHalf / 2>(values, lane);
  }
}

// Sums N values (a power of two up to 32) over the warp, in N - 1 exchanges and not 5 N: lane l
// gets the sum of value l % N.
template <int N>
__device__ __forceinline__ float WarpSums(float (&values)[N], int lane) {
  Halve<N / 2>(values, lane);
  float sum = values[0];
#pragma unroll
  for (int distance = N; distance < 32; distance *= 2) {
    sum += __shfl_xor_sync(kWholeWarp, sum, distance);
  }
  return sum;
}

template <WeightFormat F, int M>
__global__ void __launch_bounds__(kThreads) SmallGemm(SmallGemmParameters p) {
  constexpr int kWeights = Traits<F>::kWeights;
  constexpr int kWarps = kThreads / 32;
  __shared__ float shared[kWarps][kRows * M];
  const int inputs = p.weight.inputs;
  const int outputs = p.weight.outputs;
  const int half = outputs / 2;
  // Which row of the matrix is this block's r-th: gate and up rows in turn, where they are packed.
  const int block = static_cast<int>(blockIdx.x);
  const auto row_of = [=](int r) {
    if (!p.gate_up) return block * kRows + r;
    const int pair = block * (kRows / 2) + r / 2;
    return pair >= half ? outputs : pair + (r % 2) * half;
  };
  const auto safe_row = [=](int r) {  // Read again rather than beyond the end.
    return row_of(r) < outputs ? row_of(r) : outputs - 1;
  };
  const char* row_data[kRows];
  for (int r = 0; r < kRows; ++r) {
    row_data[r] = static_cast<const char*>(p.weight.data) + static_cast<std::size_t>(safe_row(r)) *
                                                                static_cast<std::size_t>(inputs) *
                                                                16 / kWeights;
  }

  float acc[kRows][M] = {};
  // Rows that do not start 16 bytes aligned are read weight by weight.
  const int vectors = inputs % kWeights == 0 ? inputs / kWeights : 0;
#pragma unroll 2
  for (int v = static_cast<int>(threadIdx.x); v < vectors; v += kThreads) {
    std::uint32_t raw[kRows][4];
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      const uint4 words = __ldg(reinterpret_cast<const uint4*>(row_data[r]) + v);
      raw[r][0] = words.x;
      raw[r][1] = words.y;
      raw[r][2] = words.z;
      raw[r][3] = words.w;
    }
    float scaled_later[kRows][M] = {};  // int4: the scale is this vector's.
    auto& sums = F == WeightFormat::kInt4 ? scaled_later : acc;
#pragma unroll
    for (int part = 0; part < kWeights / 8; ++part) {
      float w[kRows][8];
#pragma unroll
      for (int r = 0; r < kRows; ++r) Decode8<F>(raw[r], part, w[r]);
#pragma unroll
      for (int m = 0; m < M; ++m) {
        float x[8];
        const int safe = m < p.m ? m : p.m - 1;
        Load8(p.x + static_cast<std::size_t>(safe) * static_cast<std::size_t>(inputs) +
                  v * kWeights + part * 8,
              x);
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
#pragma unroll
          for (int i = 0; i < 8; ++i) sums[r][m] += w[r][i] * x[i];
        }
      }
    }
    if constexpr (F == WeightFormat::kInt4) {
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
        const float scale =
            p.weight.scales[safe_row(r) * (inputs / kInt4Group) + v * kWeights / kInt4Group];
#pragma unroll
        for (int m = 0; m < M; ++m) acc[r][m] += scaled_later[r][m] * scale;
      }
    }
  }
  for (int c = vectors * kWeights + static_cast<int>(threadIdx.x); c < inputs; c += kThreads) {
    for (int r = 0; r < kRows; ++r) {
      const std::size_t at =
          static_cast<std::size_t>(safe_row(r)) * static_cast<std::size_t>(inputs) +
          static_cast<std::size_t>(c);
      const float w = Decode1<F>(p.weight.data, at);
      for (int m = 0; m < p.m; ++m) {
        acc[r][m] += w * Wide(p.x[static_cast<std::size_t>(m) * static_cast<std::size_t>(inputs) +
                                  static_cast<std::size_t>(c)]);
      }
    }
  }

  const int lane = static_cast<int>(threadIdx.x) % 32;
  float values[kRows * M];
#pragma unroll
  for (int i = 0; i < kRows * M; ++i) values[i] = acc[i / M][i % M];
  const float sum_of_lane = WarpSums(values, lane);
  if (lane < kRows * M) shared[threadIdx.x / 32][lane] = sum_of_lane;
  __syncthreads();
  const int r = static_cast<int>(threadIdx.x) / M;
  const int m = static_cast<int>(threadIdx.x) % M;
  if (r >= kRows || m >= p.m || row_of(r) >= outputs) return;
  const auto total = [&](int of) {
    float sum = 0;
    for (int w = 0; w < kWarps; ++w) sum += shared[w][of * M + m];
    if constexpr (F == WeightFormat::kInt8 || F == WeightFormat::kFp8) {
      sum *= p.weight.scales[safe_row(of)];
    }
    return sum;
  };
  if (p.gate_up) {
    if (r % 2 != 0) return;
    const float gate = Rounded(total(r));
    const float up = Rounded(total(r + 1));
    p.y[m * half + row_of(r)] = Narrow(Rounded(Silu(gate)) * up);
    return;
  }
  const std::size_t at = static_cast<std::size_t>(m) * static_cast<std::size_t>(outputs) +
                         static_cast<std::size_t>(safe_row(r));
  float sum = total(r);
  if (p.bias != nullptr) sum += Wide(p.bias[safe_row(r)]);
  if (p.residual != nullptr) sum = Rounded(sum) + Wide(p.residual[at]);
  p.y[at] = Narrow(sum);
}

// One block a row.
template <WeightFormat F>
__global__ void Dequantize(DeviceWeight weight, Bf16* __restrict__ y) {
  const std::size_t row =
      static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(weight.inputs);
  for (int c = static_cast<int>(threadIdx.x); c < weight.inputs;
       c += static_cast<int>(blockDim.x)) {
    const std::size_t at = row + static_cast<std::size_t>(c);
    float scale = 1;
    if constexpr (F == WeightFormat::kInt4) {
      scale = weight.scales[at / kInt4Group];
    } else if constexpr (F != WeightFormat::kBf16) {
      scale = weight.scales[blockIdx.x];
    }
    y[at] = Narrow(Decode1<F>(weight.data, at) * scale);
  }
}

template <WeightFormat F>
bool LaunchFormat(const SmallGemmParameters& p, unsigned blocks, cudaStream_t stream) {
  if (p.m == 1) return Launch(SmallGemm<F, 1>, blocks, kThreads, 0, stream, p);
  if (p.m == 2) return Launch(SmallGemm<F, 2>, blocks, kThreads, 0, stream, p);
  if (p.m <= 4) return Launch(SmallGemm<F, 4>, blocks, kThreads, 0, stream, p);
  return p.m <= 8 && Launch(SmallGemm<F, 8>, blocks, kThreads, 0, stream, p);
}

bool LaunchAny(const SmallGemmParameters& p, cudaStream_t stream) {
  if (p.m == 0) return true;
  if (p.weight.format == WeightFormat::kInt4 && p.weight.inputs % kInt4Group != 0) return false;
  const int rows = p.gate_up ? kRows / 2 : kRows;
  const int outputs = p.gate_up ? p.weight.outputs / 2 : p.weight.outputs;
  const auto blocks = static_cast<unsigned>((outputs + rows - 1) / rows);
  switch (p.weight.format) {
    case WeightFormat::kBf16:
      return LaunchFormat<WeightFormat::kBf16>(p, blocks, stream);
    case WeightFormat::kInt8:
      return LaunchFormat<WeightFormat::kInt8>(p, blocks, stream);
    case WeightFormat::kInt4:
      return LaunchFormat<WeightFormat::kInt4>(p, blocks, stream);
    case WeightFormat::kFp8:
      return LaunchFormat<WeightFormat::kFp8>(p, blocks, stream);
    case WeightFormat::kFloat32:
      break;
  }
  return false;
}

}  // namespace

bool LaunchSmallGemm(const DeviceWeight& weight, const Bf16* x, int rows, const Bf16* bias,
                     const Bf16* residual, Bf16* y, cudaStream_t stream) {
  return LaunchAny({weight, x, rows, bias, residual, y, false}, stream);
}

bool LaunchSmallGateUp(const DeviceWeight& packed, const Bf16* x, int rows, Bf16* y,
                       cudaStream_t stream) {
  return LaunchAny({packed, x, rows, nullptr, nullptr, y, true}, stream);
}

bool LaunchDequantize(const DeviceWeight& weight, Bf16* y, cudaStream_t stream) {
  const auto rows = static_cast<unsigned>(weight.outputs);
  switch (weight.format) {
    case WeightFormat::kBf16:
      return Launch(Dequantize<WeightFormat::kBf16>, rows, 256, 0, stream, weight, y);
    case WeightFormat::kInt8:
      return Launch(Dequantize<WeightFormat::kInt8>, rows, 256, 0, stream, weight, y);
    case WeightFormat::kInt4:
      return Launch(Dequantize<WeightFormat::kInt4>, rows, 256, 0, stream, weight, y);
    case WeightFormat::kFp8:
      return Launch(Dequantize<WeightFormat::kFp8>, rows, 256, 0, stream, weight, y);
    case WeightFormat::kFloat32:
      break;
  }
  return false;
}

}  // namespace stillwatch::model
