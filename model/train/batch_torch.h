// Batch: pairs of a set as the tensors that the network trains on.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <torch/torch.h>

#include "model/tokenizer/tokenizer.h"
#include "model/train/pair_set.h"

namespace stillwatch::model {

struct Batch {
  torch::Tensor reference{};  // [batch, 3, side, side], 0..255, channels last.
  torch::Tensor current{};
  torch::Tensor geometry{};  // [batch, kGeometrySize]
  torch::Tensor kinds{};     // [batch] int64, 0..kSameKind.
  torch::Tensor changed{};   // [batch] fp32, 0 or 1.
  torch::Tensor ids{};       // [batch, longest caption]: what the decoder reads.
  torch::Tensor names{};   // [batch, vocab]: the share of each token in the thing's noun; or zeros.
  torch::Tensor labels{};  // [batch, longest caption + 1]: what it should say; -100 is ignored.
};

struct BatchOptions {
  int side = 192;  // Pixels.
  int eos = 0;
  int vocabulary = 0;  // Tokens; 0: names are not wanted.
  int max_tokens = 40;
  bool augment = false;
  std::uint64_t seed = 1;
  std::uint64_t position = 0;  // Of the batch in training: names its random numbers.
};

// The pairs at `indices`.  Without augmentation the first caption, and pictures as stored.  With:
// any caption; the same sub-window of both pictures with up to 2 pixels between them (the camera's
// shake); light and contrast of both, light and tint of each, noise.  No mirroring: captions say
// left and right.
Batch MakeBatch(const PairSet& set, const Tokenizer& tokenizer,
                std::span<const std::int64_t> indices, const BatchOptions& options);

}  // namespace stillwatch::model
