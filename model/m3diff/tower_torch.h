// VisionTower: pictures in, feature maps from four depths out.

#pragma once

#include <memory>
#include <vector>

#include <torch/torch.h>

#include "model/m3diff/config.h"

namespace stillwatch::model {

inline constexpr int kScales = 4;  // Depths the MDP looks at.

// Not thread-safe: belongs to the network that holds it.
class VisionTower : public torch::nn::Module {
 public:
  // Pictures [batch, 3, side, side], values 0..255.  Four maps of one grid, shallow to deep:
  // [batch, grid * grid, width].
  virtual std::vector<torch::Tensor> Features(const torch::Tensor& pictures) = 0;

  // The output of every stage (with SigLIP the embeddings first): for parity tests.
  virtual std::vector<torch::Tensor> States(const torch::Tensor& pictures) = 0;

  // The first `stages` stages are not trained: no gradient is computed for them.
  virtual void Freeze(int stages) = 0;
};

// Names of the parameters: stem, blocks.{i}.{expand,depthwise,project}, each a convolution whose
// batch normalisation is folded in (scripts/convert_efficientnet.py); taps.{i}, tap_norms.{i}.
std::shared_ptr<VisionTower> MakeEfficientNetLite0(const VisionConfig& config, int width);

// SigLIP as LLaVA-OneVision uses it: no last norm, no pooling head; the blocks behind the last tap
// are not built.  Names of the parameters: Hugging Face's, embeddings.{patch_embedding,
// position_embedding}, encoder.layers.{i}...
std::shared_ptr<VisionTower> MakeSiglip(const VisionConfig& config, int width);

}  // namespace stillwatch::model
