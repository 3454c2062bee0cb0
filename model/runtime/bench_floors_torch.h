// BenchFloors: what this machine can do at best.

#pragma once

#include <cstdint>
#include <functional>

#include <torch/torch.h>

namespace stillwatch::model {

struct BenchFloors {
  double copy_bytes_per_s = 0;  // Read and written together.
  double gemv_bytes_per_s = 0;  // Weights read by a product with one vector.
  double gemm_flops = 0;        // A large product, in the type that prompts are multiplied in.
};

// `bytes`: of the weights that a step reads, which are stored as `type`.
BenchFloors MeasureFloors(const torch::Device& device, torch::ScalarType type, std::int64_t bytes,
                          int threads);

// Of the middle one of `repeats` calls.
double MedianSeconds(int repeats, const torch::Device& device, const std::function<void()>& work);

std::int64_t PeakMemory_bytes();  // Of this process, so far.
std::int64_t FreeMemory_bytes();  // Of the machine.

}  // namespace stillwatch::model
