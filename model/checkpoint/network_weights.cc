#include "model/checkpoint/network_weights.h"

#include <system_error>
#include <utility>

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

bool HasAdapter(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "adapter_config.json", error);
}

bool HasWeights(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "model.safetensors", error) ||
         fs::exists(folder / "model.safetensors.index.json", error);
}

}  // namespace

Result<std::shared_ptr<const NetworkWeights>> NetworkWeights::Open(const fs::path& folder,
                                                                   const fs::path& adapter) {
  std::shared_ptr<NetworkWeights> weights(new NetworkWeights());
  weights->folder_ = folder;
  const fs::path adapter_folder =
      !adapter.empty() ? adapter : (HasAdapter(folder) ? folder : fs::path());
  if (!adapter_folder.empty()) {
    auto opened = LoraAdapter::Open(adapter_folder);
    if (!opened) return Failure(opened.error());
    weights->adapter_ = std::move(*opened);
    if (!HasWeights(folder) && adapter_folder == folder) {
      const std::string& base = weights->adapter_->base_model;
      weights->folder_ = base.empty() ? folder : folder / base;  // An absolute base replaces it.
      if (!HasWeights(weights->folder_)) {
        return NotFound(folder.string() + ": holds an adapter alone, and '" + base +
                        "' (its base_model_name_or_path) holds no model.safetensors; name the "
                        "base's folder and give the adapter beside it");
      }
    }
  }
  auto checkpoint = Checkpoint::Open(weights->folder_);
  if (!checkpoint) return Failure(checkpoint.error());
  weights->checkpoint_ = std::move(*checkpoint);
  weights->naming_ = DetectNaming(weights->checkpoint_->tensors());

  const std::string where = weights->folder_.string() + ": tensor '";
  for (const auto& [name, view] : weights->checkpoint_->tensors()) {
    const auto canonical = CanonicalName(name);
    if (!canonical) {
      weights->others_.push_back(name);
      continue;
    }
    if (IsUnused(*canonical)) {
      weights->unused_.emplace(*canonical, view);
      continue;
    }
    const auto [place, added] = weights->entries_.emplace(*canonical, Entry{view, nullptr, name});
    if (!added) {
      return DataLoss(where + name + "': is the same as '" + place->second.name +
                      "' under another name; expected one of them");
    }
  }
  if (!weights->adapter_) return weights;
  for (const auto& [canonical, view] : weights->adapter_->replaced) {
    Entry& entry = weights->entries_[canonical];
    if (!entry.name.empty() && entry.view.shape != view.shape) {
      return DataLoss(adapter_folder.string() + ": tensor '" + canonical + "' is " +
                      Describe(view.dtype, view.shape) + ", expected " +
                      Describe(entry.view.dtype, entry.view.shape));
    }
    if (entry.name.empty()) entry.name = canonical;
    entry.view = view;
  }
  for (const auto& [canonical, delta] : weights->adapter_->deltas) {
    const auto found = weights->entries_.find(canonical);
    if (found == weights->entries_.end()) {
      return DataLoss(adapter_folder.string() + ": '" + delta.name +
                      "' changes a weight that the checkpoint does not have");
    }
    const auto& shape = found->second.view.shape;
    if (shape.size() != 2 || shape[0] != delta.b.shape[0] || shape[1] != delta.a.shape[1]) {
      return DataLoss(adapter_folder.string() + ": '" + delta.name + "' is for a weight [" +
                      std::to_string(delta.b.shape[0]) + ", " + std::to_string(delta.a.shape[1]) +
                      "], the checkpoint's is " + Describe(found->second.view.dtype, shape));
    }
    found->second.delta = &delta;
  }
  return weights;
}

const NetworkWeights::Entry* NetworkWeights::Find(std::string_view canonical) const {
  const auto found = entries_.find(canonical);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace stillwatch::model
