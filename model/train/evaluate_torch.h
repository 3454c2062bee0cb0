// Measure: a network's figures on pairs of a set.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/m3diff/m3diff_torch.h"
#include "model/tokenizer/tokenizer.h"
#include "model/train/pair_set.h"
#include "model/train/train.h"

namespace stillwatch::model {

// While it lives, LibTorch's matrix products on this thread are in bf16 (where `on`).
class MixedPrecision {
 public:
  explicit MixedPrecision(bool on);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  const bool on_;
};

struct Measurement {
  Figures figures{};
  std::vector<float> changed_logits{};
  std::vector<bool> changed{};
  std::vector<float> kind_logits{};  // kSceneKinds numbers for each changed pair.
  std::vector<int> kinds{};          // Of the changed pairs.
};

// On `threads` threads, each with whole batches.  `write`: also generate the captions (slow), and
// hand each to `sample` if there is one.
Measurement Measure(M3Diff& network, const Tokenizer& tokenizer, const PairSet& set,
                    std::span<const std::int64_t> indices, bool mixed, int threads, bool write,
                    const std::function<void(const Sample&)>& sample);

}  // namespace stillwatch::model
