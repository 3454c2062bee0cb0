// DeviceArray: memory of the device in tests; the device is a GPU, or the host that plays one.

#pragma once

#include <cstring>
#include <vector>

#if defined(STILLWATCH_CUDA_ON_HOST)
#include "model/kernels/on_host/cuda_on_host.h"
#else
#include <cuda_runtime_api.h>
#endif
#include <gtest/gtest.h>

#include "model/kernels/bf16.h"

namespace stillwatch::model {

// Of exact size, so that the address sanitizer sees a kernel that goes beyond it on the host.
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(const std::vector<T>& values) : size_(values.size()) {
    if (cudaMalloc(reinterpret_cast<void**>(&data_), Bytes()) != cudaSuccess) std::abort();
    Copy(data_, values.data(), cudaMemcpyHostToDevice);
  }
  explicit DeviceArray(std::size_t size) : DeviceArray(std::vector<T>(size)) {}
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::vector<T> Get() const {
    std::vector<T> values(size_);
    Copy(values.data(), data_, cudaMemcpyDeviceToHost);
    return values;
  }

 private:
  [[nodiscard]] std::size_t Bytes() const { return size_ * sizeof(T); }
  void Copy(T* to, const T* from, cudaMemcpyKind kind) const {
    if (cudaMemcpyAsync(to, from, Bytes(), kind, nullptr) != cudaSuccess ||
        cudaStreamSynchronize(nullptr) != cudaSuccess) {
      std::abort();
    }
  }

  std::size_t size_;
  T* data_ = nullptr;
};

inline std::vector<Bf16> ToBf16(const std::vector<float>& values) {
  std::vector<Bf16> halves;
  for (const float value : values) halves.push_back(ToBf16(value));
  return halves;
}
inline std::vector<float> ToFloat(const std::vector<Bf16>& halves) {
  std::vector<float> values;
  for (const Bf16 half : halves) values.push_back(ToFloat(half));
  return values;
}
// What bf16 makes of `values`.
inline std::vector<float> Rounded(const std::vector<float>& values) {
  return ToFloat(ToBf16(values));
}

// Skips, saying why, where there is no GPU.
class DeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    const cudaError_t error = cudaGetDeviceCount(&devices);
    if (error != cudaSuccess || devices == 0) {
      GTEST_SKIP() << "no GPU: "
                   << (error == cudaSuccess ? "none found" : cudaGetErrorString(error));
    }
  }
};

}  // namespace stillwatch::model
