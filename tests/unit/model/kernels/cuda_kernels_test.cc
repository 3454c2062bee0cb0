// Every CUDA kernel against its plain C++ twin.  Built twice: for a GPU, and for the host that
// plays one.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "model/kernels/cpu/token_ops.h"
#include "model/kernels/cuda/kernels.h"
#include "model/kernels/quantize.h"
#include "model/kernels/reference.h"
#include "tests/unit/model/kernels/device_array.h"
#include "tests/unit/model/kernels/random_floats.h"

namespace stillwatch::model {
namespace {

using CudaKernelsTest = DeviceTest;

std::vector<float> Random(int count, std::uint32_t seed, float scale = 1) {
  return Rounded(RandomFloats(static_cast<std::size_t>(count), seed, scale));
}

// Sums in another order differ in the last bits before rounding: a bf16 result may then be the next
// one, 2^-8 away, and once more for each rounding before.
void ExpectNear(const DeviceArray<Bf16>& got, const std::vector<float>& wanted,
                float relative = 0.01F, float absolute = 1e-3F) {
  const std::vector<float> values = ToFloat(got.Get());
  ASSERT_EQ(values.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_NEAR(values[i], wanted[i], relative * std::abs(wanted[i]) + absolute) << "at " << i;
  }
}

TEST_F(CudaKernelsTest, NormAddsTheResidualFirst) {
  for (const int columns : {1, 7, 64, 896, 3584}) {
    const std::vector<float> x = Random(3 * columns, 1);
    const std::vector<float> delta = Random(3 * columns, 2);
    const std::vector<float> weight = Random(columns, 3);
    for (const bool add : {false, true}) {
      const DeviceArray<Bf16> device_x(ToBf16(x));
      const DeviceArray<Bf16> device_delta(ToBf16(delta));
      const DeviceArray<Bf16> device_weight(ToBf16(weight));
      const DeviceArray<Bf16> y(x.size());
      ASSERT_TRUE(LaunchAddRmsNorm(device_x.data(), add ? device_delta.data() : nullptr,
                                   device_weight.data(), y.data(), 3, columns, 1e-6F, nullptr));
      std::vector<float> sum = x;
      for (std::size_t i = 0; add && i < sum.size(); ++i) sum[i] = RoundToBf16(sum[i] + delta[i]);
      std::vector<float> wanted(sum.size());
      RmsNormOnHost(sum.data(), weight.data(), 1e-6F, 3, columns, true, wanted.data());
      ExpectNear(device_x, sum, 0, 0);
      ExpectNear(y, wanted);
    }
  }
}

TEST_F(CudaKernelsTest, EmbedsKnownIdsAndZeroesOthers) {
  for (const int columns : {5, 64}) {
    const std::vector<float> table = Random(9 * columns, 4);
    const DeviceArray<Bf16> device_table(ToBf16(table));
    const DeviceArray<std::int32_t> ids(std::vector<std::int32_t>{8, 0, 9, -1});
    const DeviceArray<Bf16> y(static_cast<std::size_t>(4 * columns));
    ASSERT_TRUE(LaunchEmbed(device_table.data(), ids.data(), y.data(), 4, columns, 9, nullptr));
    std::vector<float> wanted(static_cast<std::size_t>(4 * columns));
    std::copy(table.end() - columns, table.end(), wanted.begin());
    std::copy(table.begin(), table.begin() + columns, wanted.begin() + columns);
    ExpectNear(y, wanted, 0, 0);
  }
}

TEST_F(CudaKernelsTest, SwiGluAndGeluAgreeWithTheirTwins) {
  for (const int columns : {3, 40, 4864}) {
    const std::vector<float> gate_up = Random(2 * 2 * columns, 5, 6);
    const DeviceArray<Bf16> device_gate_up(ToBf16(gate_up));
    const DeviceArray<Bf16> y(static_cast<std::size_t>(2 * columns));
    ASSERT_TRUE(LaunchSwiGlu(device_gate_up.data(), y.data(), 2, columns, nullptr));
    std::vector<float> wanted(static_cast<std::size_t>(2 * columns));
    SwiGluOnHost(gate_up.data(), 2, columns, true, wanted.data());
    ExpectNear(y, wanted);

    for (const Gelu kind : {Gelu::kTanh, Gelu::kErf}) {
      std::vector<float> x = Random(2 * columns, 6, 4);
      const std::vector<float> bias = Random(columns, 7);
      const DeviceArray<Bf16> device_x(ToBf16(x));
      const DeviceArray<Bf16> device_bias(ToBf16(bias));
      ASSERT_TRUE(LaunchBiasGelu(device_x.data(), device_bias.data(), 2, columns, kind, nullptr));
      BiasGeluOnHost(x.data(), bias.data(), 2, columns, kind == Gelu::kErf, true);
      ExpectNear(device_x, x);
    }
  }
}

// A cache of random keys and values, on both sides.
struct Cache {
  Cache(const HeadShape& shape, int count, int capacity)
      : keys(Random(count * shape.kv_heads * capacity * shape.head_dim, 8)),
        values(Random(count * shape.kv_heads * capacity * shape.head_dim, 9)),
        device_keys(ToBf16(keys)),
        device_values(ToBf16(values)),
        slots{device_keys.data(), device_values.data(), capacity},
        slot_size(static_cast<std::size_t>(shape.kv_heads * capacity * shape.head_dim)) {}

  std::vector<float> keys, values;
  DeviceArray<Bf16> device_keys, device_values;
  KvSlots slots;
  std::size_t slot_size;
};

TEST_F(CudaKernelsTest, RotatesAndAppendsEachRowAtItsPlace) {
  for (const HeadShape shape : {HeadShape{14, 2, 64}, {4, 1, 128}, {2, 2, 6}}) {
    constexpr int kCapacity = 10;
    const Cache cache(shape, 4, kCapacity);
    const std::vector<std::int32_t> positions = {9, -1, 0};
    const std::vector<std::int32_t> slots = {2, 1, 3};
    const int width = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
    std::vector<float> qkv = Random(3 * width, 10);
    const DeviceArray<Bf16> device_qkv(ToBf16(qkv));
    const RopeTable table = MakeRopeTable(shape.head_dim, 1e6, kCapacity, true);
    const DeviceArray<float> cos(table.cos);
    const DeviceArray<float> sin(table.sin);
    const DeviceArray<std::int32_t> device_positions(positions);
    const DeviceArray<std::int32_t> device_slots(slots);
    ASSERT_TRUE(LaunchRopeAppend(device_qkv.data(), cos.data(), sin.data(), device_positions.data(),
                                 device_slots.data(), cache.slots, shape, 3, nullptr));
    std::vector<float> keys = cache.keys;
    std::vector<float> values = cache.values;
    for (std::size_t r = 0; r < 3; ++r) {
      if (positions[r] < 0) continue;
      const std::size_t slot = static_cast<std::size_t>(slots[r]) * cache.slot_size;
      RopeAppendOnHost({shape.heads, shape.kv_heads, shape.head_dim}, table, positions[r],
                       &qkv[r * static_cast<std::size_t>(width)], true,
                       {&keys[slot], &values[slot], false, kCapacity});
    }
    ExpectNear(device_qkv, qkv, 0.005F, 0);
    ExpectNear(cache.device_keys, keys, 0.005F, 0);
    ExpectNear(cache.device_values, values, 0, 0);
  }
}

TEST_F(CudaKernelsTest, DecodeAttentionSplitsAndSharesKeysRightly) {
  struct Case {
    HeadShape shape;
    int capacity;
    int splits;
  };
  for (const Case& c : {Case{{14, 2, 64}, 150, 1},
                        {{14, 2, 64}, 150, 3},
                        {{7, 1, 128}, 150, 2},
                        {{4, 2, 64}, 70, 16},
                        {{4, 1, 128}, 70, 1},
                        {{8, 1, 64}, 70, 5}}) {
    const Cache cache(c.shape, 5, c.capacity);
    // One token, an idle row, lengths around a turn of 64 or 32 tokens, a full slot.
    const std::vector<std::int32_t> positions = {0, -1, 63, 64, c.capacity - 1};
    const std::vector<std::int32_t> slots = {4, 0, 2, 1, 3};
    const int rows = 5;
    const int width = (c.shape.heads + 2 * c.shape.kv_heads) * c.shape.head_dim;
    const int out_width = c.shape.heads * c.shape.head_dim;
    const std::vector<float> qkv = Random(rows * width, 11, 2);
    const DeviceArray<Bf16> device_qkv(ToBf16(qkv));
    const DeviceArray<std::int32_t> device_positions(positions);
    const DeviceArray<std::int32_t> device_slots(slots);
    const DeviceArray<float> partial(
        static_cast<std::size_t>(DecodeAttentionScratch(c.shape, rows, c.splits)));
    const DeviceArray<Bf16> out(static_cast<std::size_t>(rows * out_width));
    ASSERT_TRUE(LaunchDecodeAttention(device_qkv.data(), device_positions.data(),
                                      device_slots.data(), cache.slots, c.shape, rows, c.splits,
                                      partial.data(), out.data(), nullptr));
    std::vector<float> wanted(static_cast<std::size_t>(rows * out_width));
    for (std::size_t r = 0; r < positions.size(); ++r) {
      if (positions[r] < 0) continue;
      const std::size_t slot = static_cast<std::size_t>(slots[r]) * cache.slot_size;
      AttendOnHost({c.shape.heads, c.shape.kv_heads, c.shape.head_dim},
                   &qkv[r * static_cast<std::size_t>(width)], &cache.keys[slot],
                   &cache.values[slot], c.capacity, positions[r] + 1, true,
                   &wanted[r * static_cast<std::size_t>(out_width)]);
    }
    ExpectNear(out, wanted);
  }
  EXPECT_FALSE(LaunchDecodeAttention(nullptr, nullptr, nullptr, {}, {2, 2, 72}, 1, 1, nullptr,
                                     nullptr, nullptr));
  EXPECT_FALSE(LaunchDecodeAttention(nullptr, nullptr, nullptr, {}, {9, 1, 64}, 1, 1, nullptr,
                                     nullptr, nullptr));
}

TEST_F(CudaKernelsTest, PrefillAttentionIsCausalOverRaggedSpans) {
  for (const HeadShape shape : {HeadShape{2, 1, 64}, {2, 2, 128}}) {
    constexpr int kCapacity = 140;
    const Cache cache(shape, 3, kCapacity);
    // A lone token, a span that follows others in its slot, and one over two tiles.
    const std::vector<PrefillSpan> spans = {{0, 1, 2, 0}, {1, 30, 0, 100}, {31, 70, 1, 0}};
    const int width = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
    const int out_width = shape.heads * shape.head_dim;
    const std::vector<float> qkv = Random(101 * width, 12, 2);
    const DeviceArray<Bf16> device_qkv(ToBf16(qkv));
    const DeviceArray<PrefillSpan> device_spans(spans);
    const DeviceArray<Bf16> out(static_cast<std::size_t>(101 * out_width));
    ASSERT_TRUE(LaunchPrefillAttention(device_qkv.data(), device_spans.data(), 3, 70, cache.slots,
                                       shape, out.data(), nullptr));
    std::vector<float> wanted(static_cast<std::size_t>(101 * out_width));
    for (const PrefillSpan& span : spans) {
      const std::size_t slot = static_cast<std::size_t>(span.slot) * cache.slot_size;
      for (int r = 0; r < span.rows; ++r) {
        const auto row = static_cast<std::size_t>(span.first_row + r);
        AttendOnHost({shape.heads, shape.kv_heads, shape.head_dim},
                     &qkv[row * static_cast<std::size_t>(width)], &cache.keys[slot],
                     &cache.values[slot], kCapacity, span.first_position + r + 1, true,
                     &wanted[row * static_cast<std::size_t>(out_width)]);
      }
    }
    ExpectNear(out, wanted, 0.01F, 4e-3F);  // The weights are bf16 in the second product.
  }
}

// A quantised matrix on the device, and what it stands for.
struct Matrix {
  Matrix(WeightFormat format, int outputs, int inputs)
      : values(Random(outputs * inputs, 13, 0.1F)), halves(ToBf16(values)) {
    std::vector<std::uint8_t> bytes;
    std::vector<float> row_scales;
    for (int o = 0; o < outputs && format != WeightFormat::kBf16; ++o) {
      std::vector<std::uint8_t> data(QuantizedRowBytes(format, inputs));
      std::vector<float> scales(static_cast<std::size_t>(ScalesPerRow(format, inputs)));
      float* row = &values[static_cast<std::size_t>(o * inputs)];
      QuantizeRow(format, row, inputs, data.data(), scales.data());
      DequantizeRow(format, data.data(), scales.data(), inputs, row);
      bytes.insert(bytes.end(), data.begin(), data.end());
      row_scales.insert(row_scales.end(), scales.begin(), scales.end());
    }
    device_bytes = std::make_unique<DeviceArray<std::uint8_t>>(bytes);
    device_scales = std::make_unique<DeviceArray<float>>(row_scales);
    weight = {format,
              format == WeightFormat::kBf16 ? static_cast<const void*>(halves.data())
                                            : device_bytes->data(),
              device_scales->data(), outputs, inputs};
  }

  std::vector<float> values;
  DeviceArray<Bf16> halves;
  std::unique_ptr<DeviceArray<std::uint8_t>> device_bytes;
  std::unique_ptr<DeviceArray<float>> device_scales;
  DeviceWeight weight;
};

class CudaSmallGemmTest : public DeviceTest, public testing::WithParamInterface<WeightFormat> {};

TEST_P(CudaSmallGemmTest, AgreesAtEveryBatchAndShape) {
  struct Shape {
    int outputs, inputs;
  };
  for (const Shape s : {Shape{6, 128}, {9, 896}, {2, 33}, {5, 4224}}) {
    if (GetParam() == WeightFormat::kInt4 && s.inputs % kInt4Group != 0) continue;
    const Matrix w(GetParam(), s.outputs, s.inputs);
    for (const int m : {1, 2, 3, 5, 8}) {
      const std::vector<float> x = Random(m * s.inputs, 14);
      const std::vector<float> bias = Random(s.outputs, 15);
      std::vector<float> y = Random(m * s.outputs, 16);
      const DeviceArray<Bf16> device_x(ToBf16(x));
      const DeviceArray<Bf16> device_bias(ToBf16(bias));
      const DeviceArray<Bf16> device_y(ToBf16(y));
      ASSERT_TRUE(LaunchSmallGemm(w.weight, device_x.data(), m, device_bias.data(), device_y.data(),
                                  device_y.data(), nullptr));
      LinearOnHost(x.data(), w.values.data(), bias.data(), y.data(), m, s.outputs, s.inputs, true,
                   y.data());
      ExpectNear(device_y, y, 0.01F, 0.01F);
      if (s.outputs % 2 != 0) continue;
      const DeviceArray<Bf16> gated(static_cast<std::size_t>(m * s.outputs / 2));
      ASSERT_TRUE(LaunchSmallGateUp(w.weight, device_x.data(), m, gated.data(), nullptr));
      std::vector<float> both(static_cast<std::size_t>(m * s.outputs));
      LinearOnHost(x.data(), w.values.data(), nullptr, nullptr, m, s.outputs, s.inputs, true,
                   both.data());
      std::vector<float> wanted(static_cast<std::size_t>(m * s.outputs / 2));
      SwiGluOnHost(both.data(), m, s.outputs / 2, true, wanted.data());
      ExpectNear(gated, wanted, 0.02F, 0.01F);
    }
  }
  EXPECT_FALSE(LaunchSmallGemm({GetParam(), nullptr, nullptr, 4, 128}, nullptr, 9, nullptr, nullptr,
                               nullptr, nullptr));
}

TEST_P(CudaSmallGemmTest, DequantizesEveryWeight) {
  const Matrix w(GetParam(), 3, 256);
  const DeviceArray<Bf16> y(3 * 256);
  ASSERT_TRUE(LaunchDequantize(w.weight, y.data(), nullptr));
  ExpectNear(y, Rounded(w.values), 0, 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, CudaSmallGemmTest,
                         testing::Values(WeightFormat::kBf16, WeightFormat::kInt8,
                                         WeightFormat::kInt4, WeightFormat::kFp8));

TEST_F(CudaKernelsTest, QuantizesActivationsAsTheHostDoes) {
  for (const int columns : {5, 64, 1000}) {
    std::vector<float> x = Random(3 * columns, 17, 3);
    std::fill(x.begin(), x.begin() + columns, 0.0F);
    for (int c = 1; c < columns; ++c)
      x[static_cast<std::size_t>(columns + c)] *= 1e-3F;  // Subnormals.
    const DeviceArray<Bf16> device_x(ToBf16(x));
    const DeviceArray<std::uint8_t> y(x.size());
    const DeviceArray<float> scales(3);
    ASSERT_TRUE(LaunchQuantizeFp8(device_x.data(), y.data(), scales.data(), 3, columns, nullptr));
    x = Rounded(x);
    for (int r = 0; r < 3; ++r) {
      std::vector<std::uint8_t> wanted(static_cast<std::size_t>(columns));
      const float scale =
          QuantizeFp8OnHost(&x[static_cast<std::size_t>(r * columns)], columns, wanted.data());
      EXPECT_FLOAT_EQ(scales.Get()[static_cast<std::size_t>(r)], scale);
      const std::vector<std::uint8_t> all = y.Get();
      const std::vector<std::uint8_t> got(all.begin() + r * columns,
                                          all.begin() + (r + 1) * columns);
      EXPECT_EQ(got, wanted) << "row " << r;
    }
  }
}

TEST_F(CudaKernelsTest, ArgmaxTakesTheFirstLargestOfTheValidOnes) {
  for (const int vocabulary : {11, 4096, 9000}) {
    std::vector<float> logits = Random(3 * vocabulary, 18, 8);
    const int valid = vocabulary - 3;
    logits[static_cast<std::size_t>(vocabulary - 1)] = 99;  // Filler.
    logits[static_cast<std::size_t>(vocabulary + 4)] = 50;
    logits[static_cast<std::size_t>(vocabulary + valid - 1)] = 50;
    for (int c = 0; c < vocabulary; ++c) {
      logits[static_cast<std::size_t>(2 * vocabulary + c)] =
          std::numeric_limits<float>::quiet_NaN();
    }
    const DeviceArray<Bf16> device_logits(ToBf16(logits));
    const DeviceArray<std::int32_t> ids(3);
    const DeviceArray<float> log_probs(3);
    ASSERT_TRUE(LaunchArgmax(device_logits.data(), 3, vocabulary, valid, ids.data(),
                             log_probs.data(), nullptr));
    EXPECT_EQ(ids.Get()[0], ArgmaxOnHost(logits.data(), valid));
    EXPECT_EQ(ids.Get()[1], 4);
    EXPECT_EQ(ids.Get()[2], 0);
    const float most = logits[static_cast<std::size_t>(ids.Get()[0])];
    EXPECT_NEAR(log_probs.Get()[0], most - LogSumExpOnHost(logits.data(), valid), 1e-4F);
  }
}

TEST_F(CudaKernelsTest, AdvanceStopsRowsForEachReason) {
  // Goes on, stop id, last token, full slot, idle.
  const DeviceArray<std::int32_t> ids(std::vector<std::int32_t>{5, 7, 5, 5, 5});
  const DeviceArray<std::int32_t> positions(std::vector<std::int32_t>{3, 3, 3, 9, -1});
  const DeviceArray<std::int32_t> left(std::vector<std::int32_t>{8, 8, 1, 8, 8});
  const DeviceArray<float> log_probs(std::vector<float>{-1, -2, -3, -4, -5});
  const DeviceArray<std::int32_t> stop_ids(std::vector<std::int32_t>{6, 7});
  const DeviceArray<std::int32_t> step(std::vector<std::int32_t>{1});
  const DeviceArray<std::int32_t> written(10);
  const DeviceArray<float> written_log_probs(10);
  ASSERT_TRUE(LaunchAdvance({ids.data(), positions.data(), left.data(), log_probs.data()}, 5,
                            stop_ids.data(), 2, 10, step.data(), written.data(),
                            written_log_probs.data(), nullptr));
  EXPECT_EQ(positions.Get(), (std::vector<std::int32_t>{4, -1, -1, -1, -1}));
  EXPECT_EQ(left.Get(), (std::vector<std::int32_t>{7, 7, 0, 7, 8}));
  EXPECT_EQ(step.Get(), (std::vector<std::int32_t>{2}));
  EXPECT_EQ(written.Get(), (std::vector<std::int32_t>{0, 0, 0, 0, 0, 5, 7, 5, 5, -1}));
  EXPECT_EQ(written_log_probs.Get(), (std::vector<float>{0, 0, 0, 0, 0, -1, -2, -3, -4, 0}));
}

}  // namespace
}  // namespace stillwatch::model
