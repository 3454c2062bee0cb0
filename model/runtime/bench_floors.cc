#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "model/kernels/cpu/linear.h"
#include "model/kernels/cpu/team.h"
#include "model/runtime/bench_floors_torch.h"

namespace stillwatch::model {

using torch::Tensor;

double MedianSeconds(int repeats, const torch::Device& device, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < std::max(repeats, 1); ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    if (device.is_cuda()) torch::cuda::synchronize();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

std::int64_t PeakMemory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

std::int64_t FreeMemory_bytes() {
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("MemAvailable:")) return std::stoll(line.substr(13)) * 1024;
  }
  return 0;
}

BenchFloors MeasureFloors(const torch::Device& device, torch::ScalarType type, std::int64_t bytes,
                          int threads) {
  BenchFloors floors;
  const auto options = torch::TensorOptions(device);
  {
    const Tensor from = torch::ones({std::int64_t{32} << 20}, options.dtype(torch::kFloat32));
    Tensor to = torch::empty_like(from);
    to.copy_(from);
    const double s = MedianSeconds(7, device, [&] { to.copy_(from); });
    floors.copy_bytes_per_s = 2.0 * static_cast<double>(from.nbytes()) / s;
  }
  {
    // As large as the weights that a step reads (what fits the cache is read faster), in one
    // matrix.
    constexpr std::int64_t kColumns = 4096;
    const auto size = static_cast<std::int64_t>(torch::elementSize(type));
    // At most 256 MB, which no cache holds.
    const std::int64_t rows = std::clamp<std::int64_t>(bytes / size / kColumns, 64,
                                                       (std::int64_t{256} << 20) / size / kColumns);
    const Tensor w = torch::ones({rows, kColumns}, options.dtype(type));
    const double read = static_cast<double>(w.nbytes());
    if (device.is_cpu() && type != torch::kFloat16) {
      CpuTeam team(threads);
      std::vector<float> x(static_cast<std::size_t>(kColumns), 1.0F);
      std::vector<float> y(static_cast<std::size_t>(rows));
      const std::vector<float> scales(static_cast<std::size_t>(rows), 1.0F);
      const CpuWeight weight = {.format = type == torch::kBFloat16 ? WeightFormat::kBf16
                                          : type == torch::kChar   ? WeightFormat::kInt8
                                                                   : WeightFormat::kFloat32,
                                .data = w.data_ptr(),
                                .scales = scales.data(),
                                .outputs = static_cast<int>(rows),
                                .inputs = static_cast<int>(kColumns)};
      const auto work = [&] { CpuLinear(weight, x.data(), 1, {}, y.data(), team); };
      work();
      floors.gemv_bytes_per_s = read / MedianSeconds(15, device, work);
    } else {
      const Tensor x = torch::ones({kColumns}, w.options());
      const auto work = [&] { at::mv(w, x); };
      work();
      floors.gemv_bytes_per_s = read / MedianSeconds(15, device, work);
    }
  }
  {
    const std::int64_t n = device.is_cuda() ? 8192 : 2048;
    const Tensor a = torch::ones({n, n}, options.dtype(device.is_cpu() ? torch::kFloat32 : type));
    Tensor c = torch::empty_like(a);
    at::mm_out(c, a, a);
    const double s = MedianSeconds(5, device, [&] { at::mm_out(c, a, a); });
    floors.gemm_flops =
        2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n) / s;
  }
  return floors;
}

}  // namespace stillwatch::model
