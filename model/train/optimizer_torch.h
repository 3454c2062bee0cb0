// Optimizer: AdamW in two groups, and the running average of the weights.

#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

#include "model/checkpoint/checkpoint.h"
#include "model/m3diff/m3diff_torch.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// Trains the parameters of `network` that want a gradient; `average` (same shapes) follows all.
//
// (Not torch::optim::AdamW: its state is stored in a pickle format of its own, ours goes into the
// same safetensors file as the weights; and the fused kernel is one pass over memory.)
//
// Not thread-safe: belongs to one trainer.
class Optimizer {
 public:
  Optimizer(M3Diff network, M3Diff average, double weight_decay);

  // The parameters in training, in the order that gradients are wanted in.
  std::vector<torch::Tensor> Parameters() const;

  // Scales the gradients so that their norm is at most `clip`; returns the norm they had.
  static double Clip(const std::vector<torch::Tensor>& gradients, double clip);

  // One step of AdamW, then of the average.
  void Step(const std::vector<torch::Tensor>& gradients, double learning_rate,
            double tower_learning_rate, double decay);

  // Weights, averages and moments, named for the state file.
  std::vector<TensorEntry> Entries() const;
  [[nodiscard]] Status Restore(const Checkpoint& checkpoint);

 private:
  struct Group {
    std::vector<torch::Tensor> parameters{}, means{}, squares{}, counts{};
    std::vector<std::string> names{};
    bool tower = false;
    double weight_decay = 0;
  };

  M3Diff network_;
  M3Diff average_;
  std::vector<Group> groups_;
};

}  // namespace stillwatch::model
