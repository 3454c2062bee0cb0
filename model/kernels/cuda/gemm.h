// DeviceGemm: products with many vectors, by a library.

#pragma once

#include <cstdint>
#include <memory>

#include "model/kernels/bf16.h"

using cudaStream_t = struct CUstream_st*;  // As in cuda_runtime_api.h.

namespace stillwatch::model {

// Row-major: x [rows, inputs], w [outputs, inputs], y [rows, outputs] = x w^T (+ bias), sums in
// float. Both queue their work, and may be captured into a graph once they have run with the same
// shape. False: the library refused.  Not thread-safe.
class DeviceGemm {
 public:
  virtual ~DeviceGemm() = default;

  [[nodiscard]] virtual bool Run(const Bf16* x, int rows, const Bf16* w, int outputs, int inputs,
                                 const Bf16* bias, Bf16* y, cudaStream_t stream) = 0;

  // x and w in fp8 e4m3, one scale a row of each.  False also where the device has no fp8: then the
  // caller dequantises the weights.
  [[nodiscard]] virtual bool RunFp8(const std::uint8_t* x, const float* x_scales, int rows,
                                    const std::uint8_t* w, const float* w_scales, int outputs,
                                    int inputs, const Bf16* bias, Bf16* y, cudaStream_t stream) = 0;
};

// Through cuBLASLt; nullptr where it cannot be initialised (no GPU, no memory for its workspace).
[[nodiscard]] std::unique_ptr<DeviceGemm> MakeCublasLtGemm();

}  // namespace stillwatch::model
