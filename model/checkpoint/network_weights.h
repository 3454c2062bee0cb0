// NetworkWeights: the weights of one network by our names, whatever the files call them.

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/lora.h"
#include "model/checkpoint/naming.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// A checkpoint of LLaVA-OneVision's family under canonical names (naming.h), and a LoRA adapter
// over it if there is one.  Nothing is merged or converted here: that happens tensor by tensor
// while a network is filled (model/m3diff/weights_torch.h).
//
// Thread-safe once open; held by shared_ptr, because tensors may borrow from its mapping.
class NetworkWeights {
 public:
  struct Entry {
    TensorView view{};
    const LoraDelta* delta = nullptr;  // To be added; borrowed from the adapter.
    std::string name{};                // What the file calls it.
  };

  // `folder` holds the weights; or an adapter alone, whose base_model_name_or_path is a folder
  // (relative to it, or absolute).  An adapter beside the weights is merged, too, and so is
  // `adapter`, where named, instead of it.  Fails as Checkpoint::Open and LoraAdapter::Open do, and
  // with kDataLoss where two tensors have one name of ours, or an adapter does not fit a weight.
  [[nodiscard]] static Result<std::shared_ptr<const NetworkWeights>> Open(
      const std::filesystem::path& folder, const std::filesystem::path& adapter = {});

  // Null if there is no such tensor.
  const Entry* Find(std::string_view canonical) const;

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

  // What files of the family carry and nobody computes with (IsUnused), under our names.
  const TensorMap& unused() const { return unused_; }

  // Tensors of the files that are no part of the network, by the files' names.
  const std::vector<std::string>& others() const { return others_; }

  const Checkpoint& checkpoint() const { return *checkpoint_; }
  const LoraAdapter* adapter() const { return adapter_ ? &*adapter_ : nullptr; }
  Naming naming() const { return naming_; }

  // Where the weights lie (and config.json, tokenizer): the base's folder where `folder` was an
  // adapter's.
  const std::filesystem::path& folder() const { return folder_; }

 private:
  NetworkWeights() = default;

  std::filesystem::path folder_;
  std::optional<Checkpoint> checkpoint_;
  std::optional<LoraAdapter> adapter_;
  Naming naming_ = Naming::kUnknown;
  std::map<std::string, Entry, std::less<>> entries_;
  TensorMap unused_;
  std::vector<std::string> others_;
};

}  // namespace stillwatch::model
