#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/token_ops.h"
#include "tests/unit/model/kernels/random_floats.h"

namespace stillwatch::model {
namespace {

// Softmax attention of one query head over one kv head, in double.
std::vector<double> Attend(const float* q, const float* k, const float* v, int length, int dim) {
  std::vector<double> weights;
  double total = 0;
  for (int t = 0; t < length; ++t) {
    double dot = 0;
    for (int d = 0; d < dim; ++d)
      dot += static_cast<double>(q[d]) * static_cast<double>(k[t * dim + d]);
    weights.push_back(std::exp(dot / std::sqrt(dim)));
    total += weights.back();
  }
  std::vector<double> out(static_cast<std::size_t>(dim));
  for (int t = 0; t < length; ++t) {
    for (int d = 0; d < dim; ++d) {
      out[static_cast<std::size_t>(d)] +=
          weights[static_cast<std::size_t>(t)] / total * static_cast<double>(v[t * dim + d]);
    }
  }
  return out;
}

TEST(CpuAttendTest, AgreesWithAPlainSoftmaxAtEveryLengthAndSplit) {
  for (const AttentionShape shape :
       {AttentionShape{4, 2, 64}, {14, 2, 64}, {7, 1, 128}, {3, 3, 20}}) {
    constexpr int kCapacity = 1100;
    const auto row = static_cast<std::size_t>(shape.kv_heads * kCapacity * shape.head_dim);
    const std::vector<int> lengths = {1, 31, 33, 1100};
    for (const bool bf16 : {false, true}) {
      std::vector<std::vector<float>> keys;
      std::vector<std::vector<float>> values;
      std::vector<std::vector<Bf16>> halves;
      std::vector<CpuKvView> views;
      for (std::uint32_t s = 0; s < lengths.size(); ++s) {
        keys.push_back(RandomFloats(row, 10 + s));
        values.push_back(RandomFloats(row, 20 + s));
        for (auto* tensor : {&keys.back(), &values.back()}) {
          halves.emplace_back();
          for (float& x : *tensor) {
            if (bf16) x = RoundToBf16(x);
            halves.back().push_back(ToBf16(x));
          }
        }
      }
      for (std::size_t s = 0; s < lengths.size(); ++s) {
        views.push_back(
            bf16 ? CpuKvView{halves[2 * s].data(), halves[2 * s + 1].data(), true, kCapacity}
                 : CpuKvView{keys[s].data(), values[s].data(), false, kCapacity});
      }
      const int width = shape.heads * shape.head_dim;
      const int stride = width + 5;
      const std::vector<float> q =
          RandomFloats(lengths.size() * static_cast<std::size_t>(stride), 30, 3);
      for (const CpuIsa isa : {CpuIsa::kBaseline, BestCpuIsa()}) {
        for (const int threads : {1, 11}) {
          CpuTeam team(threads);
          std::vector<float> out(lengths.size() * static_cast<std::size_t>(width));
          CpuAttend(shape, q.data(), stride, views.data(), lengths.data(),
                    static_cast<int>(lengths.size()), false, out.data(), team, isa);
          for (std::size_t s = 0; s < lengths.size(); ++s) {
            for (int h = 0; h < shape.heads; ++h) {
              const int kv = h / (shape.heads / shape.kv_heads) * kCapacity * shape.head_dim;
              const std::vector<double> wanted =
                  Attend(&q[s * static_cast<std::size_t>(stride) +
                            static_cast<std::size_t>(h * shape.head_dim)],
                         &keys[s][static_cast<std::size_t>(kv)],
                         &values[s][static_cast<std::size_t>(kv)], lengths[s], shape.head_dim);
              for (int d = 0; d < shape.head_dim; ++d) {
                ASSERT_NEAR(out[s * static_cast<std::size_t>(width) +
                                static_cast<std::size_t>(h * shape.head_dim + d)],
                            wanted[static_cast<std::size_t>(d)], 1e-5)
                    << CpuIsaName(isa) << " sequence " << s << " head " << h << " bf16 " << bf16;
              }
            }
          }
        }
      }
    }
  }
}

TEST(RmsNormTest, RoundsBeforeTheWeightAndAfter) {
  const std::vector<float> x = {0.5F, -1.25F, 3.0F};
  const std::vector<float> weight = {1.0F, 2.0F, 0.3F};
  const float scale = 1.0F / std::sqrt((0.25F + 1.5625F + 9.0F) / 3.0F + 1e-6F);
  std::vector<float> y(3);
  RmsNormOnHost(x.data(), weight.data(), 1e-6F, 1, 3, false, y.data());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(y[i], x[i] * scale * weight[i], 1e-6F);
  RmsNormOnHost(x.data(), weight.data(), 1e-6F, 1, 3, true, y.data());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(y[i], RoundToBf16(weight[i] * RoundToBf16(x[i] * scale)));
  }
}

TEST(RopeTest, RotatesHalvesAndStoresKeysAndValuesAtTheirPlace) {
  const AttentionShape shape{2, 1, 4};
  const RopeTable table = MakeRopeTable(4, 10000, 8, false);
  std::vector<float> qkv = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const std::vector<float> before = qkv;
  std::vector<float> keys(8 * 4);
  std::vector<float> values(8 * 4);
  RopeAppendOnHost(shape, table, 3, qkv.data(), false, {keys.data(), values.data(), false, 8});
  for (std::size_t head = 0; head < 3; ++head) {
    for (std::size_t i = 0; i < 2; ++i) {
      const double angle = 3 * std::pow(10000.0, -static_cast<double>(i) / 2);
      const double low = static_cast<double>(before[head * 4 + i]);
      const double high = static_cast<double>(before[head * 4 + i + 2]);
      EXPECT_NEAR(qkv[head * 4 + i], low * std::cos(angle) - high * std::sin(angle), 1e-5);
      EXPECT_NEAR(qkv[head * 4 + i + 2], high * std::cos(angle) + low * std::sin(angle), 1e-5);
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(keys[3 * 4 + i], qkv[8 + i]);
    EXPECT_EQ(values[3 * 4 + i], before[12 + i]);
  }
}

TEST(VocabularyTest, FindsTheFirstLargestAndSumsExponentials) {
  std::vector<float> logits = RandomFloats(1003, 40, 20);
  logits[1001] = logits[77] = 25;
  logits[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(ArgmaxOnHost(logits.data(), 1003), 77);
  logits[5] = -std::numeric_limits<float>::infinity();
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x));
  for (const CpuIsa isa : {CpuIsa::kBaseline, BestCpuIsa()}) {
    EXPECT_NEAR(LogSumExpOnHost(logits.data(), 1003, isa), std::log(sum), 1e-5);
  }
}

}  // namespace
}  // namespace stillwatch::model
