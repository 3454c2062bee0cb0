// DeviceMatrix: weights on the device, packed and quantised on the way there.

#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "model/kernels/cuda/decoder.h"
#include "model/kernels/cuda/device_buffer.cuh"

namespace stillwatch::model {

struct DeviceMatrix {
  DeviceBuffer<std::uint8_t> data;
  DeviceBuffer<float> scales;
  DeviceBuffer<Bf16> bias_data;
  DeviceWeight weight{};
  const Bf16* bias = nullptr;
};

template <typename T>
CudaStatus Upload(const T* from, std::size_t count, T* to, cudaStream_t stream) {
  return StatusOf(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyHostToDevice, stream),
                  "copying to the device");
}

// The rows of `parts`, one part below the other, as `format`.
CudaStatus UploadMatrix(const std::string& name, std::initializer_list<HostMatrix> parts,
                        WeightFormat format, cudaStream_t stream, DeviceMatrix* matrix);

}  // namespace stillwatch::model
