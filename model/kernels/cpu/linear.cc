#include "model/kernels/cpu/linear.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/simd.h"

namespace stillwatch::model {
namespace {

constexpr int kMostRows = 32;  // Rows of a piece: the sums lie on the stack.
constexpr int kPieceBytes =
    65536;  // Weights of a piece at least, so that claiming one costs nothing.

std::int64_t RowBytes(const CpuWeight& w) {
  switch (w.format) {
    case WeightFormat::kFloat32:
      return std::int64_t{4} * w.inputs;
    case WeightFormat::kBf16:
      return std::int64_t{2} * w.inputs;
    case WeightFormat::kInt8:
      return w.inputs;
  }
  return w.inputs;
}

// Rows of a piece: enough bytes, but two pieces a thread where the matrix is small.
int RowsPerPiece(const CpuWeight& w, int rows, int threads) {
  const auto by_bytes =
      std::max<std::int64_t>(kPieceBytes / std::max<std::int64_t>(1, RowBytes(w)), 4);
  const int by_threads = std::max(4, (rows / (2 * threads) + 3) / 4 * 4);
  return static_cast<int>(std::min<std::int64_t>({by_bytes, by_threads, kMostRows}));
}

DotPiece Piece(const CpuWeight& w, const float* prepared, int m) {
  return {w.format,
          w.data,
          w.format == WeightFormat::kInt8 ? w.scales : nullptr,
          w.inputs,
          w.format == WeightFormat::kInt8 ? w.group : 0,
          prepared,
          m};
}

float Rounded(float x, bool round_to_bf16) { return round_to_bf16 ? RoundToBf16(x) : x; }

float Silu(float x) { return x / (1.0F + std::exp(-x)); }

// Calls pass(prepared vectors, first of them, how many) for each kMaxVectors rows of x.
template <typename Pass>
void InPasses(const CpuWeight& w, const float* x, int m, const SimdKernels& simd,
              const Pass& pass) {
  // Kept between calls: a step of a small model is some twenty products of a few microseconds.
  static thread_local std::vector<float> scratch;
  const auto inputs = static_cast<std::size_t>(w.inputs);
  if (scratch.size() < inputs * kMaxVectors) scratch.resize(inputs * kMaxVectors);
  for (int first = 0; first < m; first += kMaxVectors) {
    const int count = std::min(kMaxVectors, m - first);
    for (int i = 0; i < count; ++i) {
      simd.prepare(w.format, x + static_cast<std::size_t>(first + i) * inputs, w.inputs,
                   scratch.data() + static_cast<std::size_t>(i) * inputs);
    }
    pass(scratch.data(), first, count);
  }
}

}  // namespace

const SimdKernels& SimdFor(CpuIsa isa) {
  switch (isa) {
    case CpuIsa::kBaseline:
      return BaselineKernels();
    case CpuIsa::kAvx2:
      return Avx2Kernels();
    case CpuIsa::kAvx512:
      return Avx512Kernels();
    case CpuIsa::kAvx512Bf16:
      return Avx512Bf16Kernels();
  }
  return BaselineKernels();
}

void CpuLinear(const CpuWeight& weight, const float* x, int m, const CpuEpilogue& epilogue,
               float* y, CpuTeam& team, CpuIsa isa) {
  const SimdKernels& simd = SimdFor(isa);
  const int step = RowsPerPiece(weight, weight.outputs, team.size());
  InPasses(weight, x, m, simd, [&](const float* prepared, int first_vector, int count) {
    const DotPiece piece = Piece(weight, prepared, count);
    team.Run((weight.outputs + step - 1) / step, [&](int i) {
      const int first = i * step;
      const int rows = std::min(step, weight.outputs - first);
      float sums[kMostRows * kMaxVectors];
      simd.dot_rows(piece, first, rows, sums);
      for (int v = 0; v < count; ++v) {
        const std::size_t at =
            static_cast<std::size_t>(first_vector + v) * static_cast<std::size_t>(weight.outputs) +
            static_cast<std::size_t>(first);
        for (int r = 0; r < rows; ++r) {
          float sum = sums[r * kMaxVectors + v];
          if (epilogue.bias != nullptr) sum += epilogue.bias[first + r];
          sum = Rounded(sum, epilogue.round_to_bf16);
          if (epilogue.residual != nullptr) {
            sum = Rounded(sum + epilogue.residual[at + static_cast<std::size_t>(r)],
                          epilogue.round_to_bf16);
          }
          y[at + static_cast<std::size_t>(r)] = sum;
        }
      }
    });
  });
}

void CpuGateUp(const CpuWeight& packed, const float* x, int m, bool round_to_bf16, float* y,
               CpuTeam& team, CpuIsa isa) {
  const SimdKernels& simd = SimdFor(isa);
  const int half = packed.outputs / 2;
  const int step = RowsPerPiece(packed, half, team.size());
  InPasses(packed, x, m, simd, [&](const float* prepared, int first_vector, int count) {
    const DotPiece piece = Piece(packed, prepared, count);
    team.Run((half + step - 1) / step, [&](int i) {
      const int first = i * step;
      const int rows = std::min(step, half - first);
      float gates[kMostRows * kMaxVectors];
      float ups[kMostRows * kMaxVectors];
      simd.dot_rows(piece, first, rows, gates);
      simd.dot_rows(piece, half + first, rows, ups);
      for (int v = 0; v < count; ++v) {
        float* out =
            y + static_cast<std::size_t>(first_vector + v) * static_cast<std::size_t>(half) + first;
        for (int r = 0; r < rows; ++r) {
          const float gate = Rounded(gates[r * kMaxVectors + v], round_to_bf16);
          const float up = Rounded(ups[r * kMaxVectors + v], round_to_bf16);
          out[r] = Rounded(Rounded(Silu(gate), round_to_bf16) * up, round_to_bf16);
        }
      }
    });
  });
}

}  // namespace stillwatch::model
