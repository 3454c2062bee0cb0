// PromptMath: the products and the attention that read a prompt on the CPU.

#pragma once

#include <torch/torch.h>

namespace stillwatch::model {

// y = x w^T, or y += x w^T: [rows, outputs] from [rows, inputs] and [outputs, inputs].
// x and y have one type; where w has another it is converted piece by piece, so that no second
// copy of it ever exists.  y may be a part of a wider matrix.
void MultiplyInto(const torch::Tensor& y, const torch::Tensor& x, const torch::Tensor& w, bool add);

// Rows of a prompt that go through an MLP at once.
std::int64_t MlpTile(bool converted);

// Causal attention of one prompt.  q: [tokens, heads * head_dim] (a part of a wider matrix), keys
// and values: [kv_heads, tokens, head_dim]; out like q.  Each key/value head is read by its group
// of query heads together and is not copied for them.
void AttendCausally(const torch::Tensor& q, const torch::Tensor& keys, const torch::Tensor& values,
                    const torch::Tensor& out);

}  // namespace stillwatch::model
