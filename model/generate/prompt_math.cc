#include <algorithm>
#include <cmath>
#include <limits>

#include "model/generate/prompt_math_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// Elements of a converted piece: 8 MiB in fp32, so that it is still in the cache when it is
// multiplied.  A guess.
constexpr std::int64_t kPiece = 2 << 20;

// Query tokens of a block: 7 heads x 128 x 1518 scores are 5.4 MB.  A guess.
constexpr std::int64_t kBlock = 128;

void Product(const Tensor& y, const Tensor& x, const Tensor& w, bool add) {
  if (add && y.scalar_type() == torch::kBFloat16) {
    y.add_(at::mm(x, w.t()));  // Rounded twice, as the network that was trained does.
  } else if (add) {
    y.addmm_(x, w.t());
  } else {
    Tensor into = y;
    at::mm_out(into, x, w.t());
  }
}

}  // namespace

std::int64_t MlpTile(bool converted) {
  // The wider, the less often weights are converted; the narrower, the more of the inner
  // activations stay in the cache.  Guesses.
  return converted ? 1024 : 256;
}

void MultiplyInto(const Tensor& y, const Tensor& x, const Tensor& w, bool add) {
  if (w.scalar_type() == x.scalar_type()) return Product(y, x, w, add);
  const std::int64_t rows = std::clamp<std::int64_t>(kPiece / w.size(1), 1, w.size(0));
  Tensor piece = torch::empty({rows, w.size(1)}, x.options());
  for (std::int64_t row = 0; row < w.size(0); row += rows) {
    const std::int64_t count = std::min(rows, w.size(0) - row);
    Tensor part = piece.narrow(0, 0, count);
    part.copy_(w.narrow(0, row, count));
    Product(y.narrow(1, row, count), x, part, add);
  }
}

void AttendCausally(const Tensor& q, const Tensor& keys, const Tensor& values, const Tensor& out) {
  const std::int64_t tokens = q.size(0);
  const std::int64_t kv_heads = keys.size(0);
  const std::int64_t head_dim = keys.size(2);
  const std::int64_t group = q.size(1) / kv_heads / head_dim;
  if (q.scalar_type() == torch::kBFloat16) {
    // Stride 0 in place of copies: [kv_heads, group, tokens, head_dim].
    const auto split = [&](const Tensor& x) {
      return x.unflatten(1, {kv_heads, group, head_dim}).permute({1, 2, 0, 3});
    };
    const Tensor mixed = at::scaled_dot_product_attention(
        split(q), keys.unsqueeze(1).expand({kv_heads, group, tokens, head_dim}),
        values.unsqueeze(1).expand({kv_heads, group, tokens, head_dim}), {}, 0.0,
        /*is_causal=*/true);
    split(out).copy_(mixed);
    return;
  }
  // LibTorch's fused kernel takes about twice as long as these products (head_dim 64, fp32).
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
  const std::int64_t block = std::min(kBlock, tokens);
  Tensor future = torch::full({block, block}, -std::numeric_limits<float>::infinity(), q.options());
  future.triu_(1);
  Tensor scores = torch::empty({block * group * tokens}, q.options());
  for (std::int64_t head = 0; head < kv_heads; ++head) {
    const Tensor k = keys[head];
    const Tensor v = values[head];
    for (std::int64_t first = 0; first < tokens; first += block) {
      const std::int64_t count = std::min(block, tokens - first);
      const std::int64_t last = first + count;
      const auto rows = [&](const Tensor& x) {
        return x.narrow(0, first, count).narrow(1, head * group * head_dim, group * head_dim);
      };
      const Tensor asked = rows(q).mul(scale).view({count * group, head_dim});
      Tensor score = scores.narrow(0, 0, count * group * last).view({count * group, last});
      at::mm_out(score, asked, k.narrow(0, 0, last).t());
      score.view({count, group, last})
          .narrow(2, first, count)
          .add_(future.narrow(0, 0, count).narrow(1, 0, count).unsqueeze(1));
      at::softmax_out(score, score, -1);
      rows(out).copy_(at::mm(score, v.narrow(0, 0, last)).view({count, group * head_dim}));
    }
  }
}

}  // namespace stillwatch::model
