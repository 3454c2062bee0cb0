#include "model/kernels/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/simd.h"

namespace stillwatch::model {
namespace {

constexpr int kLeastTokens = 256;  // A split's, so that combining stays cheap.  A guess.

// What one piece of work leaves behind for each query head.
struct Partials {
  std::vector<float> maximum;
  std::vector<float> sum;
  std::vector<float> mixed;
  std::vector<float> q;
};

// How many parts a sequence's tokens are cut into, so that every thread has something to do.
int Splits(int items, int longest, int threads) {
  const int wanted = (threads + items - 1) / items;
  return std::clamp(wanted, 1, std::max(1, longest / kLeastTokens));
}

}  // namespace

void CpuAttend(const AttentionShape& shape, const float* q, std::ptrdiff_t q_stride,
               const CpuKvView* kv, const int* lengths, int sequences, bool round_to_bf16,
               float* out, CpuTeam& team, CpuIsa isa) {
  const SimdKernels& simd = SimdFor(isa);
  const int group = shape.heads / shape.kv_heads;
  const int width = group * shape.head_dim;
  const int items = sequences * shape.kv_heads;
  const int splits = Splits(items, *std::max_element(lengths, lengths + sequences), team.size());
  const auto parts = static_cast<std::size_t>(items) * static_cast<std::size_t>(splits);
  static thread_local Partials scratch;  // Kept between calls, as in linear.cc.
  Partials& partials = scratch;
  partials.maximum.resize(parts * static_cast<std::size_t>(group));
  partials.sum.resize(parts * static_cast<std::size_t>(group));
  partials.mixed.resize(parts * static_cast<std::size_t>(width));
  partials.q.resize(static_cast<std::size_t>(items) * static_cast<std::size_t>(width));
  const float scale = 1.0F / std::sqrt(static_cast<float>(shape.head_dim));
  for (int s = 0; s < sequences; ++s) {
    const int row = shape.heads * shape.head_dim;
    for (int i = 0; i < row; ++i) {
      partials.q[static_cast<std::size_t>(s) * static_cast<std::size_t>(row) +
                 static_cast<std::size_t>(i)] = q[s * q_stride + i] * scale;
    }
  }

  team.Run(static_cast<int>(parts), [&](int part) {
    const int item = part / splits;
    const int sequence = item / shape.kv_heads;
    const int length = lengths[sequence];
    const std::int64_t each = (length + splits - 1) / splits;
    const CpuKvView& view = kv[sequence];
    const std::size_t head_bytes = static_cast<std::size_t>(item % shape.kv_heads) *
                                   static_cast<std::size_t>(view.capacity) *
                                   static_cast<std::size_t>(shape.head_dim) * (view.bf16 ? 2 : 4);
    const auto p = static_cast<std::size_t>(part);
    simd.attend({
        .q = partials.q.data() + static_cast<std::size_t>(item) * static_cast<std::size_t>(width),
        .keys = static_cast<const char*>(view.keys) + head_bytes,
        .values = static_cast<const char*>(view.values) + head_bytes,
        .bf16 = view.bf16,
        .group = group,
        .head_dim = shape.head_dim,
        .first = static_cast<int>(std::min<std::int64_t>(length, each * (part % splits))),
        .last = static_cast<int>(std::min<std::int64_t>(length, each * (part % splits + 1))),
        .maximum = partials.maximum.data() + p * static_cast<std::size_t>(group),
        .sum = partials.sum.data() + p * static_cast<std::size_t>(group),
        .mixed = partials.mixed.data() + p * static_cast<std::size_t>(width),
    });
  });

  for (int item = 0; item < items; ++item) {
    for (int h = 0; h < group; ++h) {
      const auto at = [&](int split) {
        return static_cast<std::size_t>((item * splits + split) * group + h);
      };
      float most = partials.maximum[at(0)];
      for (int split = 1; split < splits; ++split)
        most = std::max(most, partials.maximum[at(split)]);
      float* to = out + static_cast<std::ptrdiff_t>(item) * width + h * shape.head_dim;
      std::fill(to, to + shape.head_dim, 0.0F);
      float total = 0;
      for (int split = 0; split < splits; ++split) {
        const float keep = std::exp(partials.maximum[at(split)] - most);
        const float* mixed =
            partials.mixed.data() + at(split) * static_cast<std::size_t>(shape.head_dim);
        total += partials.sum[at(split)] * keep;
        for (int d = 0; d < shape.head_dim; ++d) to[d] += mixed[d] * keep;
      }
      for (int d = 0; d < shape.head_dim; ++d) {
        to[d] = round_to_bf16 ? RoundToBf16(to[d] / total) : to[d] / total;
      }
    }
  }
}

}  // namespace stillwatch::model
