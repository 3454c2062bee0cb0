// The end of a decode step: the next token, and who goes on.
#include <cmath>

#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/kernels.h"

namespace stillwatch::model {
namespace {

constexpr unsigned kThreads = 1024;

// One block a row.
__global__ void __launch_bounds__(kThreads)
    Argmax(const Bf16* __restrict__ logits, int vocabulary, int valid,
           std::int32_t* __restrict__ ids, float* __restrict__ log_probs) {
  __shared__ float shared[33];
  __shared__ int winners[32];
  const Bf16* row =
      logits + static_cast<std::size_t>(blockIdx.x) * static_cast<std::size_t>(vocabulary);
  float best = -INFINITY;
  int at = valid;
  const auto look = [&](int c, float x) {
    if (x > best) {  // A thread's columns rise: the first of equals stays.
      best = x;
      at = c;
    }
  };
  const int vectors = vocabulary % 8 == 0 ? valid / 8 : 0;
  for (int v = static_cast<int>(threadIdx.x); v < vectors; v += static_cast<int>(kThreads)) {
    float x[8];
    Load8(row + v * 8, x);
    for (int i = 0; i < 8; ++i) look(v * 8 + i, x[i]);
  }
  for (int c = vectors * 8 + static_cast<int>(threadIdx.x); c < valid;
       c += static_cast<int>(kThreads)) {
    look(c, Wide(row[c]));
  }
  const float most = BlockReduce<true>(best, shared);
  int winner = best == most ? at : valid;
  for (int distance = 16; distance > 0; distance /= 2) {
    const int other = __shfl_xor_sync(kWholeWarp, winner, distance);
    winner = other < winner ? other : winner;
  }
  if (threadIdx.x % 32 == 0) winners[threadIdx.x / 32] = winner;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned w = 1; w < kThreads / 32; ++w) winner = winners[w] < winner ? winners[w] : winner;
    ids[blockIdx.x] = winner < valid ? winner : 0;  // Nothing but NaN: 0, as on the host.
  }
  if (log_probs == nullptr) return;
  float sum = 0;
  for (int v = static_cast<int>(threadIdx.x); v < vectors; v += static_cast<int>(kThreads)) {
    float x[8];
    Load8(row + v * 8, x);
    for (int i = 0; i < 8; ++i) sum += __expf(x[i] - most);
  }
  for (int c = vectors * 8 + static_cast<int>(threadIdx.x); c < valid;
       c += static_cast<int>(kThreads)) {
    sum += __expf(Wide(row[c]) - most);
  }
  sum = BlockReduce<false>(sum, shared);
  if (threadIdx.x == 0) log_probs[blockIdx.x] = -logf(sum);
}

// One block, one thread a row.
__global__ void Advance(DecodeRows state, int rows, const std::int32_t* __restrict__ stop_ids,
                        int stops, int capacity, std::int32_t* __restrict__ step,
                        std::int32_t* __restrict__ written, float* __restrict__ written_log_probs) {
  const int row = static_cast<int>(threadIdx.x);
  const std::int32_t now = *step;
  __syncthreads();
  if (row == 0) *step = now + 1;
  if (row >= rows) return;
  const std::int32_t position = state.positions[row];
  const std::int32_t id = state.ids[row];
  written[now * rows + row] = position < 0 ? -1 : id;
  written_log_probs[now * rows + row] = position < 0 ? 0 : state.log_probs[row];
  if (position < 0) return;
  bool stop = position + 1 >= capacity;
  for (int i = 0; i < stops; ++i) stop = stop || stop_ids[i] == id;
  const std::int32_t left = state.left[row] - 1;
  state.left[row] = left;
  state.positions[row] = stop || left <= 0 ? -1 : position + 1;
}

}  // namespace

bool LaunchArgmax(const Bf16* logits, int rows, int vocabulary, int valid, std::int32_t* ids,
                  float* log_probs, cudaStream_t stream) {
  if (rows == 0) return true;
  return Launch(Argmax, static_cast<unsigned>(rows), kThreads, 0, stream, logits, vocabulary, valid,
                ids, log_probs);
}

bool LaunchAdvance(const DecodeRows& state, int rows, const std::int32_t* stop_ids, int stops,
                   int capacity, std::int32_t* step, std::int32_t* written,
                   float* written_log_probs, cudaStream_t stream) {
  if (rows > 1024) return false;
  return Launch(Advance, 1, static_cast<unsigned>((rows + 31) / 32 * 32), 0, stream, state, rows,
                stop_ids, stops, capacity, step, written, written_log_probs);
}

}  // namespace stillwatch::model
