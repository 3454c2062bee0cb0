#include <cstring>
#include <map>
#include <optional>

#include "model/checkpoint/write_safetensors.h"
#include "model/m3diff/m3diff_torch.h"

namespace stillwatch::model {
namespace {

std::optional<torch::ScalarType> TorchType(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF64:
      return torch::kFloat64;
    case Dtype::kF32:
      return torch::kFloat32;
    case Dtype::kF16:
      return torch::kFloat16;
    case Dtype::kBF16:
      return torch::kBFloat16;
    case Dtype::kI64:
      return torch::kInt64;
    case Dtype::kI32:
      return torch::kInt32;
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<torch::Tensor> ToTensor(const TensorView& view, const std::string& name) {
  const auto type = TorchType(view.dtype);
  if (!type) return DataLoss(name + ": cannot use " + Describe(view.dtype, view.shape));
  torch::Tensor tensor = torch::empty(view.shape, torch::TensorOptions(*type));
  // A copy: the file promises no alignment, and the weights outlive it.
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor.is_floating_point() ? tensor.to(torch::kFloat32) : tensor.to(torch::kInt64);
}

Status LoadWeights(torch::nn::Module& module, const Checkpoint& checkpoint,
                   const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters()) {
    const std::string name = prefix + parameter.key();
    const auto view = checkpoint.Get(name, parameter.value().sizes().vec());
    if (!view) return view.error();
    auto tensor = ToTensor(*view, name);
    if (!tensor) return tensor.error();
    if (!tensor->is_floating_point()) {
      return DataLoss(name + ": wanted floats, found " + Describe(view->dtype, view->shape));
    }
    parameter.value().copy_(*tensor);
  }
  return {};
}

Status SaveTensors(const std::string& path, const std::vector<TensorEntry>& entries, Dtype dtype) {
  std::vector<torch::Tensor> kept;  // What the views borrow from.
  std::vector<NamedTensor> tensors;
  for (const TensorEntry& entry : entries) {
    const bool floats = entry.tensor.is_floating_point();
    kept.push_back(
        entry.tensor.detach().to(floats ? *TorchType(dtype) : torch::kInt64).contiguous());
    const torch::Tensor& tensor = kept.back();
    tensors.push_back(
        {.name = entry.name,
         .view = {.dtype = floats ? dtype : Dtype::kI64,
                  .shape = tensor.sizes().vec(),
                  .bytes = {static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()}}});
  }
  return WriteSafetensors(path, tensors);
}

}  // namespace stillwatch::model
