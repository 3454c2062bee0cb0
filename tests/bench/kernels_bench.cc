// kernels_bench: how near the CPU kernels come to the speed of memory, measured in the same run.
//
// Usage: kernels_bench [--threads N]
//
// Floors and kernels take turns, so that another program's load falls on both; each figure is the
// best of the rounds.  `floor` reads the same bytes and adds them up.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/linear.h"
#include "model/kernels/cpu/token_ops.h"

namespace stillwatch::model {
namespace {

constexpr int kRounds = 15;

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Adds up `bytes` of memory on all threads: what a reader of weights cannot beat.
void ReadAll(const std::vector<std::uint64_t>& data, CpuTeam& team, std::uint64_t* sink) {
  constexpr std::size_t kPiece = 8192;  // 64 KiB
  std::vector<std::uint64_t> sums((data.size() + kPiece - 1) / kPiece);
  team.Run(static_cast<int>(sums.size()), [&](int piece) {
    const std::size_t first = static_cast<std::size_t>(piece) * kPiece;
    const std::size_t last = std::min(data.size(), first + kPiece);
    std::uint64_t parts[16] = {};
    std::size_t i = first;
    for (; i + 16 <= last; i += 16) {
      for (std::size_t j = 0; j < 16; ++j) parts[j] += data[i + j];
    }
    for (const std::uint64_t part : parts) sums[static_cast<std::size_t>(piece)] += part;
  });
  for (const std::uint64_t sum : sums) *sink += sum;
}

struct Shape {
  const char* name;
  int outputs, inputs, copies;  // Several matrices, so that none stays in the cache.
};

void Compare(const Shape& shape, WeightFormat format, const char* format_name, CpuTeam& team) {
  const std::size_t width = format == WeightFormat::kFloat32 ? 4
                            : format == WeightFormat::kBf16  ? 2
                                                             : 1;
  const std::size_t bytes =
      static_cast<std::size_t>(shape.outputs) * static_cast<std::size_t>(shape.inputs) * width;
  const auto copies = static_cast<std::size_t>(shape.copies);
  std::vector<std::vector<std::uint64_t>> data(copies, std::vector<std::uint64_t>(bytes / 8));
  for (auto& matrix : data) {  // Small bf16 and float numbers: denormals would cost time.
    for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] = 0x3C003C013C023C03ULL + (i & 0xFF);
  }
  const std::vector<float> scales(static_cast<std::size_t>(shape.outputs), 0.01F);
  std::uint64_t sink = 0;
  double floor = 1e9;
  std::vector<double> best(9, 1e9);
  for (int round = 0; round < kRounds; ++round) {
    floor = std::min(floor, Seconds([&] {
                       for (const auto& matrix : data) ReadAll(matrix, team, &sink);
                     }));
    for (const int m : {1, 2, 4, 8}) {
      const std::vector<float> x(static_cast<std::size_t>(m * shape.inputs), 0.5F);
      std::vector<float> y(static_cast<std::size_t>(m * shape.outputs));
      auto& least = best[static_cast<std::size_t>(m)];
      least = std::min(
          least, Seconds([&] {
            for (const auto& matrix : data) {
              CpuLinear({format, matrix.data(), scales.data(), shape.outputs, shape.inputs, 0},
                        x.data(), m, {}, y.data(), team);
            }
          }));
    }
  }
  const double total = static_cast<double>(bytes) * static_cast<double>(shape.copies);
  std::printf("%-22s %-5s floor %6.1f GB/s |", shape.name, format_name, total / floor / 1e9);
  for (const std::size_t m : {1U, 2U, 4U, 8U}) {
    std::printf("  m=%zu %6.1f GB/s (%3.0f %%)", m, total / best[m] / 1e9, 100 * floor / best[m]);
  }
  std::printf("%s\n", sink == 42 ? "." : "");
}

// One decoder step's products of nano: their weights stay in the cache, the hand-off counts.
void Nano(WeightFormat format, const char* format_name, CpuTeam& team) {
  const std::vector<std::pair<int, int>> layer = {{512, 256}, {256, 256}, {1408, 256}, {256, 704}};
  std::vector<std::pair<int, int>> products;
  for (int i = 0; i < 4; ++i) products.insert(products.end(), layer.begin(), layer.end());
  products.emplace_back(1024, 256);
  const std::size_t width = format == WeightFormat::kFloat32 ? 4
                            : format == WeightFormat::kBf16  ? 2
                                                             : 1;
  std::size_t bytes = 0;
  std::vector<std::vector<std::uint64_t>> data;
  for (const auto& [outputs, inputs] : products) {
    data.emplace_back(
        static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs) * width / 8,
        0x3C003C013C023C03ULL);
    bytes += data.back().size() * 8;
  }
  const std::vector<float> scales(1408, 0.01F);
  const std::vector<float> x(704, 0.5F);
  std::vector<float> y(1408);
  std::uint64_t sink = 0;
  double floor = 1e9;
  double best = 1e9;
  double hand_off = 1e9;
  for (int round = 0; round < 200; ++round) {
    floor = std::min(floor, Seconds([&] {
                       for (const auto& matrix : data) ReadAll(matrix, team, &sink);
                     }));
    best = std::min(best, Seconds([&] {
                      for (std::size_t i = 0; i < data.size(); ++i) {
                        CpuLinear({format, data[i].data(), scales.data(), products[i].first,
                                   products[i].second, 0},
                                  x.data(), 1, {}, y.data(), team);
                      }
                    }));
    hand_off = std::min(hand_off, Seconds([&] {
                          for (std::size_t i = 0; i < data.size(); ++i) team.Run(4, [](int) {});
                        }));
  }
  std::printf(
      "nano step, %zu products %-5s %5.2f MB: floor %5.0f us, kernels %5.0f us (%3.0f %%), "
      "hand-offs alone %4.1f us%s\n",
      data.size(), format_name, static_cast<double>(bytes) / 1e6, floor * 1e6, best * 1e6,
      100 * floor / best, hand_off * 1e6, sink == 42 ? "." : "");
}

void Attention(CpuTeam& team) {
  for (const auto& [name, shape] :
       {std::pair{"0.5B attention", AttentionShape{14, 2, 64}}, {"7B attention", {28, 4, 128}}}) {
    constexpr int kTokens = 1598;
    const auto row = static_cast<std::size_t>(shape.kv_heads * kTokens * shape.head_dim);
    constexpr std::size_t kLayers = 24;
    std::vector<std::vector<std::uint64_t>> data(
        2 * kLayers, std::vector<std::uint64_t>(row / 4, 0x3C003C01ULL));
    const std::vector<float> q(static_cast<std::size_t>(shape.heads * shape.head_dim), 0.1F);
    std::vector<float> out(q.size());
    std::uint64_t sink = 0;
    double floor = 1e9;
    double best = 1e9;
    for (int round = 0; round < kRounds; ++round) {
      floor = std::min(floor, Seconds([&] {
                         for (const auto& layer : data) ReadAll(layer, team, &sink);
                       }));
      best = std::min(
          best, Seconds([&] {
            for (std::size_t i = 0; i < kLayers; ++i) {
              const CpuKvView view{data[2 * i].data(), data[2 * i + 1].data(), true, kTokens};
              CpuAttend(shape, q.data(), 0, &view, &kTokens, 1, false, out.data(), team);
            }
          }));
    }
    const double total = static_cast<double>(2 * row * 2 * kLayers);
    std::printf("%-22s bf16  floor %6.1f GB/s | %6.1f GB/s (%3.0f %%)%s\n", name,
                total / floor / 1e9, total / best / 1e9, 100 * floor / best, sink == 42 ? "." : "");
  }
}

}  // namespace
}  // namespace stillwatch::model

int main(int argc, char** argv) {
  using namespace stillwatch::model;
  const int threads = argc == 3 && std::strcmp(argv[1], "--threads") == 0 ? std::atoi(argv[2]) : 0;
  CpuTeam team(threads);
  std::printf("%d threads, %s\n", team.size(), CpuIsaName(BestCpuIsa()));
  const Shape shapes[] = {{"0.5B gate-up 9728x896", 9728, 896, 12},
                          {"0.5B down 896x4864", 896, 4864, 24},
                          {"7B qkv 4608x3584", 4608, 3584, 8}};
  for (const Shape& shape : shapes) {
    Compare(shape, WeightFormat::kFloat32, "f32", team);
    Compare(shape, WeightFormat::kBf16, "bf16", team);
    Compare(shape, WeightFormat::kInt8, "int8", team);
  }
  Nano(WeightFormat::kFloat32, "f32", team);
  Nano(WeightFormat::kBf16, "bf16", team);
  Nano(WeightFormat::kInt8, "int8", team);
  Attention(team);
}
