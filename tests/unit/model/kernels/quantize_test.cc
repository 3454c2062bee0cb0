#include "model/kernels/quantize.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "model/kernels/fp8.h"

namespace stillwatch::model {
namespace {

// Root mean square error over root mean square of normally distributed weights.
double RelativeError(WeightFormat format) {
  constexpr int kInputs = 896;
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> weights(kInputs);
  for (float& weight : weights) weight = normal(random);
  std::vector<std::uint8_t> data(QuantizedRowBytes(format, kInputs));
  std::vector<float> scales(static_cast<std::size_t>(ScalesPerRow(format, kInputs)));
  std::vector<float> back(kInputs);
  QuantizeRow(format, weights.data(), kInputs, data.data(), scales.data());
  DequantizeRow(format, data.data(), scales.data(), kInputs, back.data());
  double error = 0;
  double size = 0;
  for (std::size_t c = 0; c < weights.size(); ++c) {
    error += std::pow(static_cast<double>(weights[c] - back[c]), 2);
    size += std::pow(static_cast<double>(weights[c]), 2);
  }
  return std::sqrt(error / size);
}

TEST(QuantizeTest, ErrsByNoMoreThanTheFormatMust) {
  // Measured: 0.0076, 0.0999 and 0.0256.  Truncating instead of rounding would double them.
  EXPECT_LT(RelativeError(WeightFormat::kInt8), 0.009);
  EXPECT_LT(RelativeError(WeightFormat::kInt4), 0.11);
  EXPECT_LT(RelativeError(WeightFormat::kFp8), 0.028);
}

TEST(QuantizeTest, KeepsZerosAndRefusesOddGroups) {
  const std::vector<float> zeros(128);
  for (const WeightFormat format : {WeightFormat::kInt8, WeightFormat::kInt4, WeightFormat::kFp8}) {
    std::vector<std::uint8_t> data(128);
    std::vector<float> scales(1);
    std::vector<float> back(128, 1.0F);
    QuantizeRow(format, zeros.data(), 128, data.data(), scales.data());
    DequantizeRow(format, data.data(), scales.data(), 128, back.data());
    EXPECT_EQ(back, zeros);
  }
  EXPECT_FALSE(CanQuantize(WeightFormat::kInt4, 704));
  EXPECT_TRUE(CanQuantize(WeightFormat::kInt8, 704));
  EXPECT_FALSE(CanQuantize(WeightFormat::kBf16, 128));
}

TEST(Fp8Test, ReadsAndRoundsEveryNumberToTheNearestEven) {
  for (int bits = 0; bits < 256; ++bits) {
    const float x = Fp8ToFloat(static_cast<std::uint8_t>(bits));
    if (std::isnan(x)) continue;
    EXPECT_EQ(FloatToFp8(x), bits);
    if ((bits & 0x7F) >= 0x7E) continue;
    const float next = Fp8ToFloat(static_cast<std::uint8_t>(bits + 1));
    const int even = bits % 2 == 0 ? bits : bits + 1;
    EXPECT_EQ(FloatToFp8((x + next) / 2), even) << x << " and " << next;
    EXPECT_EQ(FloatToFp8(x + 0.49F * (next - x)), bits);
    EXPECT_EQ(FloatToFp8(x + 0.51F * (next - x)), bits + 1);
  }
  EXPECT_EQ(Fp8ToFloat(FloatToFp8(1e9F)), 448);
  EXPECT_EQ(Fp8ToFloat(FloatToFp8(-460)), -448);
  EXPECT_TRUE(std::isnan(Fp8ToFloat(FloatToFp8(std::nanf("")))));
}

}  // namespace
}  // namespace stillwatch::model
