#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/linear.h"
#include "tests/unit/model/kernels/random_floats.h"

namespace stillwatch::model {
namespace {

// Weights in every format, and what they are worth.
struct Weights {
  std::vector<float> floats{};  // What each stands for.
  std::vector<Bf16> halves{};
  std::vector<std::int8_t> bytes{};
  std::vector<float> scales{};
  CpuWeight view{};
};

Weights Make(WeightFormat format, int outputs, int inputs, int group) {
  Weights w;
  w.floats = RandomFloats(static_cast<std::size_t>(outputs * inputs), 1);
  w.view = {format, w.floats.data(), nullptr, outputs, inputs, group};
  if (format == WeightFormat::kBf16) {
    for (float& x : w.floats) {
      w.halves.push_back(ToBf16(x));
      x = ToFloat(w.halves.back());
    }
    w.view.data = w.halves.data();
  } else if (format == WeightFormat::kInt8) {
    const int segment = group == 0 ? inputs : group;
    w.scales = RandomFloats(static_cast<std::size_t>(outputs * (inputs / segment)), 2, 0.01F);
    for (std::size_t i = 0; i < w.floats.size(); ++i) {
      w.bytes.push_back(static_cast<std::int8_t>(std::lround(w.floats[i] * 127)));
      w.floats[i] =
          static_cast<float>(w.bytes[i]) * w.scales[i / static_cast<std::size_t>(segment)];
    }
    w.view.data = w.bytes.data();
    w.view.scales = w.scales.data();
  }
  return w;
}

double Dot(const float* a, const float* b, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

std::vector<CpuIsa> Isas() {
  std::vector<CpuIsa> isas;
  for (const CpuIsa isa :
       {CpuIsa::kBaseline, CpuIsa::kAvx2, CpuIsa::kAvx512, CpuIsa::kAvx512Bf16}) {
    if (isa <= BestCpuIsa()) isas.push_back(isa);
  }
  return isas;
}

struct Shape {
  int outputs, inputs, m, group;
};

class CpuLinearTest : public testing::TestWithParam<WeightFormat> {};

TEST_P(CpuLinearTest, AgreesWithAPlainSumAtEveryShape) {
  CpuTeam team(3);
  for (const Shape s : {Shape{1, 1, 1, 0},
                        {3, 7, 1, 0},
                        {5, 33, 2, 0},
                        {64, 64, 3, 0},
                        {67, 129, 4, 0},
                        {130, 256, 5, 0},
                        {9, 130, 6, 0},
                        {33, 96, 7, 0},
                        {31, 100, 8, 0},
                        {40, 96, 11, 0},
                        {17, 256, 1, 64},
                        {8, 128, 2, 32}}) {
    if (s.group != 0 && GetParam() != WeightFormat::kInt8) continue;
    const Weights w = Make(GetParam(), s.outputs, s.inputs, s.group);
    std::vector<float> x = RandomFloats(static_cast<std::size_t>(s.m * s.inputs), 3);
    // So that the bf16 dot product, which rounds x, is exact as well.
    for (float& value : x) value = RoundToBf16(value);
    const std::vector<float> bias = RandomFloats(static_cast<std::size_t>(s.outputs), 4);
    const std::vector<float> residual = RandomFloats(static_cast<std::size_t>(s.m * s.outputs), 5);
    for (const CpuIsa isa : Isas()) {
      std::vector<float> y = residual;
      CpuLinear(w.view, x.data(), s.m, {.bias = bias.data(), .residual = y.data()}, y.data(), team,
                isa);
      for (int m = 0; m < s.m; ++m) {
        for (int o = 0; o < s.outputs; ++o) {
          const auto at = static_cast<std::size_t>(m * s.outputs + o);
          const double wanted = Dot(&w.floats[static_cast<std::size_t>(o * s.inputs)],
                                    &x[static_cast<std::size_t>(m * s.inputs)], s.inputs) +
                                static_cast<double>(bias[static_cast<std::size_t>(o)]) +
                                static_cast<double>(residual[at]);
          ASSERT_NEAR(y[at], wanted, 2e-5) << CpuIsaName(isa) << " " << s.outputs << "x" << s.inputs
                                           << " m " << m << " row " << o;
        }
      }
    }
  }
}

TEST_P(CpuLinearTest, GatesAndRoundsAsTheNetworkDoes) {
  CpuTeam team(2);
  const Weights w = Make(GetParam(), 2 * 45, 70, 0);
  std::vector<float> x = RandomFloats(3 * 70, 6);
  for (float& value : x) value = RoundToBf16(value);
  for (const CpuIsa isa : Isas()) {
    for (const bool round : {false, true}) {
      std::vector<float> y(3 * 45);
      CpuGateUp(w.view, x.data(), 3, round, y.data(), team, isa);
      for (std::size_t i = 0; i < y.size(); ++i) {
        const float* row = &x[i / 45 * 70];
        const double gate = Dot(&w.floats[i % 45 * 70], row, 70);
        const double up = Dot(&w.floats[(45 + i % 45) * 70], row, 70);
        const double wanted = gate / (1 + std::exp(-gate)) * up;
        // Four roundings to eight bits where it rounds.
        ASSERT_NEAR(y[i], wanted, round ? 0.02 * std::abs(wanted) + 1e-4 : 2e-5) << CpuIsaName(isa);
        if (round) {
          ASSERT_EQ(y[i], RoundToBf16(y[i]));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, CpuLinearTest,
                         testing::Values(WeightFormat::kFloat32, WeightFormat::kBf16,
                                         WeightFormat::kInt8));

TEST(CpuTeamTest, RunsEachPieceOnceInManyShortJobs) {
  CpuTeam team(4);
  std::vector<int> runs(37);
  for (int job = 0; job < 5000; ++job) {
    const int pieces = job % 38;
    team.Run(pieces, [&](int piece) { ++runs[static_cast<std::size_t>(piece)]; });
  }
  for (int piece = 0; piece < 37; ++piece) {
    int wanted = 0;
    for (int job = 0; job < 5000; ++job) wanted += job % 38 > piece ? 1 : 0;
    ASSERT_EQ(runs[static_cast<std::size_t>(piece)], wanted) << piece;
  }
}

}  // namespace
}  // namespace stillwatch::model
