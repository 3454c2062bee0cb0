// DeviceBuffer: memory of the device with one owner.

#pragma once

#include <string>
#include <utility>

#include "model/kernels/cuda/device.cuh"
#include "model/kernels/cuda/status.h"

namespace stillwatch::model {

inline CudaStatus StatusOf(cudaError_t error, const std::string& doing) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();  // Forget it: a failed allocation must not fail the next launch.
  return {error == cudaErrorMemoryAllocation ? CudaStatus::Code::kOutOfMemory
                                             : CudaStatus::Code::kFailed,
          doing + ": " + cudaGetErrorString(error)};
}

template <typename T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(DeviceBuffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }

  // `name` is for the message.
  CudaStatus Allocate(std::size_t count, const std::string& name) {
    void* data = nullptr;
    CudaStatus status =
        StatusOf(cudaMalloc(&data, count * sizeof(T)),
                 name + " (" + std::to_string(count * sizeof(T) >> 20) + " MiB on the device)");
    if (status.ok()) {
      cudaFree(data_);
      data_ = static_cast<T*>(data);
    }
    return status;
  }

  [[nodiscard]] T* data() const { return data_; }

 private:
  T* data_ = nullptr;
};

}  // namespace stillwatch::model
