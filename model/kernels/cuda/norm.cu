// RMSNorm with the residual that precedes it.
#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

// One block a row.
__global__ void AddRmsNorm(Bf16* __restrict__ x, const Bf16* __restrict__ delta,
                           const Bf16* __restrict__ weight, Bf16* __restrict__ y, int columns,
                           float epsilon) {
  __shared__ float shared[33];
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(columns);
  float squares = 0;
  ForColumns(columns, [&](int c, auto width) {
    float v[width()];
    LoadColumns(x + row + c, v);
    if (delta != nullptr) {
      float d[width()];
      LoadColumns(delta + row + c, d);
      for (int i = 0; i < width(); ++i) v[i] = Rounded(v[i] + d[i]);
      StoreColumns(x + row + c, v);
    }
    for (int i = 0; i < width(); ++i) squares += v[i] * v[i];
  });
  const float scale =
      rsqrtf(BlockReduce<false>(squares, shared) / static_cast<float>(columns) + epsilon);
  ForColumns(columns, [&](int c, auto width) {  // The thread's own columns again.
    float v[width()];
    float w[width()];
    LoadColumns(x + row + c, v);
    LoadColumns(weight + c, w);
    for (int i = 0; i < width(); ++i) v[i] = w[i] * Rounded(v[i] * scale);
    StoreColumns(y + row + c, v);
  });
}

__global__ void Embed(const Bf16* __restrict__ table, const std::int32_t* __restrict__ ids,
                      Bf16* __restrict__ y, int columns, int vocabulary) {
  const std::int32_t id = ids[blockIdx.x];
  const bool known = id >= 0 && id < vocabulary;
  const std::size_t from =
      known ? static_cast<std::size_t>(id) * static_cast<std::size_t>(columns) : 0;
  const std::size_t to = static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(columns);
  ForColumns(columns, [&](int c, auto width) {
    float v[width()] = {};
    if (known) LoadColumns(table + from + c, v);
    StoreColumns(y + to + c, v);
  });
}

// A block that covers `columns` in vectors, within reason.
unsigned Threads(int columns) {
  const int vectors = columns % 8 == 0 ? columns / 8 : columns;
  return static_cast<unsigned>(vectors >= 512 ? 512 : (vectors + 31) / 32 * 32);
}

}  // namespace

bool LaunchAddRmsNorm(Bf16* x, const Bf16* delta, const Bf16* weight, Bf16* y, int rows,
                      int columns, float epsilon, cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(AddRmsNorm, static_cast<unsigned>(rows), Threads(columns), 0, stream, x, delta,
                weight, y, columns, epsilon);
}

bool LaunchEmbed(const Bf16* table, const std::int32_t* ids, Bf16* y, int rows, int columns,
                 int vocabulary, cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(Embed, static_cast<unsigned>(rows), Threads(columns), 0, stream, table, ids, y,
                columns, vocabulary);
}

}  // namespace stillwatch::model
