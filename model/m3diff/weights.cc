#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "model/checkpoint/write_safetensors.h"
#include "model/m3diff/weights_torch.h"

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

// The tensor where it lies: nothing is copied if its address suits its elements.  `owner` keeps
// the bytes.
torch::Tensor Borrow(const TensorView& view, torch::ScalarType type,
                     std::shared_ptr<const void> owner) {
  const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
  if (view.bytes.empty() || address % ByteSize(view.dtype) != 0) {
    torch::Tensor copy = torch::empty(view.shape, torch::TensorOptions(type));
    if (!view.bytes.empty()) std::memcpy(copy.data_ptr(), view.bytes.data(), view.bytes.size());
    return copy;
  }
  // from_blob wants a pointer to mutable bytes; nothing writes through it.
  return torch::from_blob(
      const_cast<std::byte*>(view.bytes.data()), view.shape, [owner = std::move(owner)](void*) {},
      torch::TensorOptions(type));
}

std::optional<torch::ScalarType> FloatType(Dtype dtype) {
  const auto type = TorchType(dtype);
  return type && c10::isFloatingType(*type) ? type : std::nullopt;
}

// weight + scale * b * a, in fp32.
torch::Tensor Merge(const torch::Tensor& weight, const LoraDelta& delta,
                    const std::shared_ptr<const void>& owner) {
  const auto factor = [&](const TensorView& view) {
    return Borrow(view, *FloatType(view.dtype), owner).to(torch::kFloat32);
  };
  return torch::addmm(weight.to(torch::kFloat32), factor(delta.b), factor(delta.a), 1, delta.scale);
}

// Whether a network may leave this tensor of its checkpoint out: what a preset has no use for, and
// whole layers of the tower behind the last that is looked at.
bool MayStayOut(const std::string& name,
                const torch::OrderedDict<std::string, torch::Tensor>& parameters) {
  if (name == "image_newline" || name.starts_with("mdp.")) return true;
  constexpr std::string_view kLayers = "vision_tower.encoder.layers.";
  if (!name.starts_with(kLayers)) return false;
  const std::string layer = name.substr(0, name.find('.', kLayers.size()) + 1);
  return std::none_of(parameters.begin(), parameters.end(),
                      [&](const auto& item) { return item.key().starts_with(layer); });
}

// Names, shapes and types of all parameters before any is touched.
Status CheckFit(const torch::OrderedDict<std::string, torch::Tensor>& parameters,
                const NetworkWeights& weights) {
  const std::string label = weights.folder().string();
  for (const auto& parameter : parameters) {
    const NetworkWeights::Entry* entry = weights.Find(parameter.key());
    const std::vector<std::int64_t> wanted = parameter.value().sizes().vec();
    if (entry == nullptr) {
      return NotFound(label + ": tensor '" + NameIn(weights.naming(), parameter.key()) +
                      "' is missing; expected " + Describe(Dtype::kF32, wanted) +
                      " (or another float type)");
    }
    const TensorView& view = entry->view;
    const std::string where = label + ": tensor '" + entry->name + "' is " +
                              Describe(view.dtype, view.shape) + ", expected ";
    if (view.shape != wanted) return DataLoss(where + Describe(view.dtype, wanted));
    if (!FloatType(view.dtype)) return DataLoss(where + "F32, F16 or BF16");
    if (entry->delta != nullptr &&
        (!FloatType(entry->delta->a.dtype) || !FloatType(entry->delta->b.dtype))) {
      return DataLoss(label + ": adapter '" + entry->delta->name + "': expected F32, F16 or BF16");
    }
  }
  // A tensor that nobody asks for would change what the checkpoint says: a bias where we have none.
  for (const auto& [name, entry] : weights.entries()) {
    if (!parameters.contains(name) && !MayStayOut(name, parameters)) {
      return DataLoss(label + ": tensor '" + entry.name +
                      "' is no part of this network; expected "
                      "a Qwen2 decoder, a SigLIP tower and a projector of two layers");
    }
  }
  return {};
}

// The decoder multiplies the matrices of a group by the same vector, as one matrix
// (model/generate): they are put side by side while they are loaded, because a copy later would
// hold them twice.
constexpr std::string_view kGroups[][3] = {{"q_proj", "k_proj", "v_proj"},
                                           {"gate_proj", "up_proj", ""}};

class SideBySide {
 public:
  SideBySide(torch::OrderedDict<std::string, torch::Tensor>& parameters, torch::ScalarType dtype)
      : parameters_(parameters), dtype_(dtype) {}

  // Where this parameter shall lie; null for one that stands alone.
  torch::Tensor* PlaceOf(const std::string& name) {
    if (!name.starts_with("language_model.")) return nullptr;
    for (const auto& group : kGroups) {
      const std::size_t at = name.find(group[0]);
      if (at != std::string::npos) Reserve(name, at, group);
    }
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &found->second;
  }

 private:
  void Reserve(const std::string& name, std::size_t at, const std::string_view (&group)[3]) {
    std::vector<std::string> names;
    std::vector<std::int64_t> shape = parameters_[name].sizes().vec();
    shape[0] = 0;
    for (const std::string_view part : group) {
      if (part.empty()) continue;
      names.push_back(std::string(name).replace(at, group[0].size(), part));
      shape[0] += parameters_[names.back()].size(0);
    }
    const torch::Tensor joined = torch::empty(shape, torch::TensorOptions(dtype_));
    std::int64_t row = 0;
    for (const std::string& part : names) {
      const std::int64_t rows = parameters_[part].size(0);
      places_[part] = joined.narrow(0, row, rows);
      row += rows;
    }
  }

  torch::OrderedDict<std::string, torch::Tensor>& parameters_;
  const torch::ScalarType dtype_;
  std::map<std::string, torch::Tensor> places_;
};

}  // namespace

Status BindWeights(torch::nn::Module& module, std::shared_ptr<const NetworkWeights> weights,
                   const BindOptions& options) {
  const torch::NoGradGuard no_grad;
  auto parameters = module.named_parameters();
  if (Status s = CheckFit(parameters, *weights); !s.ok()) return s;
  SideBySide groups(parameters, options.dtype);
  for (auto& parameter : parameters) {
    const NetworkWeights::Entry& entry = *weights->Find(parameter.key());
    torch::Tensor tensor = Borrow(entry.view, *FloatType(entry.view.dtype), weights);
    if (entry.delta != nullptr) tensor = Merge(tensor, *entry.delta, weights);
    torch::Tensor* place = options.device.is_cpu() ? groups.PlaceOf(parameter.key()) : nullptr;
    const bool kept =
        entry.delta == nullptr && tensor.scalar_type() == options.dtype && options.device.is_cpu();
    if (place != nullptr) {
      tensor = place->copy_(tensor);
      DropPages(entry.view.bytes);
    } else if (!kept) {
      // On the device first: it converts faster, and half the bytes travel.
      tensor = tensor.to(options.device).to(options.dtype);
      DropPages(entry.view.bytes);
    }
    parameter.value().set_requires_grad(false);
    parameter.value().set_data(tensor);
  }
  return {};
}

Result<torch::Tensor> ConvertTensor(const NetworkWeights::Entry& entry, Dtype dtype,
                                    std::shared_ptr<const void> owner) {
  const torch::NoGradGuard no_grad;
  const auto from = FloatType(entry.view.dtype);
  const auto to = FloatType(dtype);
  if (!from || !to) return DataLoss("is " + Describe(entry.view.dtype, entry.view.shape));
  torch::Tensor tensor = Borrow(entry.view, *from, owner);
  if (entry.delta != nullptr) tensor = Merge(tensor, *entry.delta, owner);
  torch::Tensor converted = tensor.to(*to).contiguous();
  if (dtype == Dtype::kF16 && !torch::equal(converted.isfinite(), tensor.isfinite())) {
    return InvalidArgument("holds numbers beyond 65504, which fp16 cannot hold; take bf16");
  }
  return converted;
}

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
