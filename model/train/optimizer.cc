#include <array>
#include <cmath>

#include "model/train/optimizer_torch.h"

namespace stillwatch::model {

Optimizer::Optimizer(M3Diff network, M3Diff average, double weight_decay)
    : network_(std::move(network)), average_(std::move(average)) {
  // Tower or rest, matrices or vectors: norms and biases are not decayed.
  groups_.resize(4);
  for (auto& item : network_->named_parameters()) {
    torch::Tensor& parameter = item.value();
    if (!parameter.requires_grad()) continue;
    // The taps are ours and start at random: they learn at the rate of the rest.
    const bool tower =
        item.key().starts_with("vision_tower.") && item.key().find(".tap") == std::string::npos;
    const bool matrix = parameter.dim() > 1;
    Group& group = groups_[(tower ? 2U : 0U) + (matrix ? 1U : 0U)];
    group.tower = tower;
    group.weight_decay = matrix ? weight_decay : 0;
    group.names.push_back(item.key());
    group.parameters.push_back(parameter);
    group.means.push_back(torch::zeros_like(parameter));
    group.squares.push_back(torch::zeros_like(parameter));
    group.counts.push_back(torch::zeros({}));
  }
}

std::vector<torch::Tensor> Optimizer::Parameters() const {
  std::vector<torch::Tensor> all;
  for (const Group& group : groups_) {
    all.insert(all.end(), group.parameters.begin(), group.parameters.end());
  }
  return all;
}

double Optimizer::Clip(const std::vector<torch::Tensor>& gradients, double clip) {
  const double norm = torch::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (norm > clip) at::_foreach_mul_(gradients, clip / norm);
  return norm;
}

void Optimizer::Step(const std::vector<torch::Tensor>& gradients, double learning_rate,
                     double tower_learning_rate, double decay) {
  const torch::NoGradGuard no_grad;
  auto next = gradients.begin();
  for (Group& group : groups_) {
    if (group.parameters.empty()) continue;
    const auto first = next;
    next += static_cast<std::ptrdiff_t>(group.parameters.size());
    at::_foreach_add_(group.counts, 1);
    at::_fused_adamw_(group.parameters, std::vector<torch::Tensor>(first, next), group.means,
                      group.squares, {}, group.counts,
                      group.tower ? tower_learning_rate : learning_rate, /*beta1=*/0.9,
                      /*beta2=*/0.98, group.weight_decay, /*eps=*/1e-8, /*amsgrad=*/false,
                      /*maximize=*/false);
  }
  at::_foreach_lerp_(average_->parameters(), network_->parameters(), 1 - decay);
}

std::vector<TensorEntry> Optimizer::Entries() const {
  std::vector<TensorEntry> entries;
  for (const auto& item : network_->named_parameters()) {
    entries.push_back({"weights." + item.key(), item.value()});
  }
  for (const auto& item : average_->named_parameters()) {
    entries.push_back({"average." + item.key(), item.value()});
  }
  for (const Group& group : groups_) {
    for (std::size_t i = 0; i < group.names.size(); ++i) {
      entries.push_back({"mean." + group.names[i], group.means[i]});
      entries.push_back({"square." + group.names[i], group.squares[i]});
      entries.push_back({"count." + group.names[i], group.counts[i]});
    }
  }
  return entries;
}

Status Optimizer::Restore(const Checkpoint& checkpoint) {
  const torch::NoGradGuard no_grad;
  if (Status s = LoadWeights(*network_, checkpoint, "weights."); !s.ok()) return s;
  if (Status s = LoadWeights(*average_, checkpoint, "average."); !s.ok()) return s;
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.names.size(); ++i) {
      const std::array<std::pair<const char*, torch::Tensor>, 3> parts = {
          {{"mean.", group.means[i]}, {"square.", group.squares[i]}, {"count.", group.counts[i]}}};
      for (const auto& [prefix, tensor] : parts) {
        const std::string name = prefix + group.names[i];
        const auto view = checkpoint.Get(name, tensor.sizes().vec());
        if (!view) return view.error();
        const auto stored = ToTensor(*view, name);
        if (!stored) return stored.error();
        tensor.copy_(*stored);
      }
    }
  }
  return {};
}

}  // namespace stillwatch::model
