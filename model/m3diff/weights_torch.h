// Weights: a network's parameters, from and to files.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/network_weights.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// Copies every parameter of `module` from the checkpoint (any float type), where it is called
// `prefix` + its name.  kNotFound or kDataLoss name the tensor and what was expected; `module` may
// be half loaded then.  Tensors that the module has no use for are passed over.
[[nodiscard]] Status LoadWeights(torch::nn::Module& module, const Checkpoint& checkpoint,
                                 const std::string& prefix = {});

// A copy of one tensor of a checkpoint, in fp32 (or int64 for integers).
[[nodiscard]] Result<torch::Tensor> ToTensor(const TensorView& view, const std::string& name);

// How BindWeights puts weights into a network.
struct BindOptions {
  torch::ScalarType dtype = torch::kFloat32;
  torch::Device device = torch::kCPU;
};

// Puts the weights of a file, of any naming and with any adapter merged, into `module`, whose
// parameters may be placeholders (WithoutWeights).  A tensor that has the wanted type already, on
// the CPU, stays in the file's mapping, which then lives as long as the tensor does: read it, never
// write to it.  Others are converted one at a time, so that the peak is the weights and one tensor
// more.  On the CPU the decoder's q, k and v, and its gate and up, are copied side by side.
// kNotFound and kDataLoss name tensor, file and what was expected; nothing is converted before all
// names and shapes have been found to fit.
[[nodiscard]] Status BindWeights(torch::nn::Module& module,
                                 std::shared_ptr<const NetworkWeights> weights,
                                 const BindOptions& options);

// One tensor of a file, any adapter merged, in another float type on the CPU.  `owner` keeps the
// file's bytes.  kInvalidArgument: numbers that fp16 cannot hold; kDataLoss: no floats.
[[nodiscard]] Result<torch::Tensor> ConvertTensor(const NetworkWeights::Entry& entry, Dtype dtype,
                                                  std::shared_ptr<const void> owner);

// Stores named tensors; floats as `dtype` (kF32, kF16 or kBF16).
struct TensorEntry {
  std::string name{};
  torch::Tensor tensor{};
};
[[nodiscard]] Status SaveTensors(const std::string& path, const std::vector<TensorEntry>& entries,
                                 Dtype dtype);

}  // namespace stillwatch::model
