// The part of CUDA that our kernels use, on the CPU: so that CI runs every kernel without a GPU.
//
// A block's threads are fibers of one OS thread that take turns at barriers and warp exchanges;
// blocks run one after another.  So indexing, reductions, shared memory (of exact size: the address
// sanitizer sees an overrun) and missing barriers (a deadlock aborts) are checked; races between
// blocks, memory ordering and speed are not.
//
// Seen only by sources compiled with STILLWATCH_CUDA_ON_HOST.  Not thread-safe.

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __shared__ static thread_local

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}  // NOLINT
};
struct uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

namespace cuda_on_host {

dim3& ThreadIdx();
extern thread_local dim3 block_idx, block_dim, grid_dim;

void SyncThreads();
void SyncWarp();
// Gives `bytes` (at most 64) to the warp; returns what lane `from` gave.
const void* Exchange(const void* mine, std::size_t bytes, int from);
// As Exchange, for all lanes at once: lane i's bytes lie at 64 * i.
const std::byte* ExchangeAll(const void* mine, std::size_t bytes);
unsigned char* DynamicShared();

// Runs `thread` for each thread of each block.
void RunGrid(dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& thread);

}  // namespace cuda_on_host

#define threadIdx (cuda_on_host::ThreadIdx())
#define blockIdx (cuda_on_host::block_idx)
#define blockDim (cuda_on_host::block_dim)
#define gridDim (cuda_on_host::grid_dim)

inline void __syncthreads() { cuda_on_host::SyncThreads(); }
inline void __syncwarp() { cuda_on_host::SyncWarp(); }
inline int LaneOnHost() { return static_cast<int>(threadIdx.x % 32); }
template <typename T>
T __shfl_sync(unsigned /*mask*/, T value, int lane) {
  T result;
  std::memcpy(&result, cuda_on_host::Exchange(&value, sizeof(T), lane % 32), sizeof(T));
  return result;
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int distance) {
  return __shfl_sync(mask, value, LaneOnHost() ^ distance);
}

inline float __uint_as_float(unsigned x) {
  float y;
  std::memcpy(&y, &x, sizeof(y));
  return y;
}
inline unsigned __float_as_uint(float x) {
  unsigned y;
  std::memcpy(&y, &x, sizeof(y));
  return y;
}
inline float __expf(float x) { return std::exp(x); }
inline float rsqrtf(float x) { return 1.0F / std::sqrt(x); }
template <typename T>
T __ldg(const T* p) {
  return *p;
}

// The runtime: memory is the host's, work is done when it is queued, and a captured graph is the
// list of what was queued.
using cudaError_t = int;
constexpr cudaError_t cudaSuccess = 0;
constexpr cudaError_t cudaErrorMemoryAllocation = 2;
constexpr cudaError_t cudaErrorStreamCaptureInvalidated = 901;
struct CUstream_st {
  bool capturing = false;
  std::vector<std::function<void()>> captured{};
};
using cudaStream_t = CUstream_st*;
struct CUgraph_st {
  std::vector<std::function<void()>> work{};
};
using cudaGraph_t = CUgraph_st*;
using cudaGraphExec_t = CUgraph_st*;
enum cudaMemcpyKind {
  cudaMemcpyHostToDevice,
  cudaMemcpyDeviceToHost,
  cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault
};
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
constexpr unsigned cudaStreamNonBlocking = 1;

cudaError_t cudaMalloc(void** to, std::size_t bytes);
cudaError_t cudaFree(void* p);
cudaError_t cudaMallocHost(void** to, std::size_t bytes);
cudaError_t cudaFreeHost(void* p);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph,
                                 unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
const char* cudaGetErrorString(cudaError_t error);

namespace cuda_on_host {
// Does `work` now, or keeps it for the graph that the stream is capturing.
void Enqueue(cudaStream_t stream, std::function<void()> work);
// The bytes that cudaMalloc may still hand out: for tests of running out.
extern std::size_t memory_left;
}  // namespace cuda_on_host
