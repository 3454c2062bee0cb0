#include <utility>

#include "model/m3diff/attention_torch.h"
#include "model/m3diff/tower_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

torch::nn::LayerNorm MakeNorm(const VisionConfig& config, std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(config.norm_eps));
}

// Pre-norm block; the GELU is the tanh form, unlike the projector's and the MDP's.
class SiglipLayerImpl : public torch::nn::Module {
 public:
  SiglipLayerImpl(const VisionConfig& config, std::int64_t width) {
    norm1_ = register_module("layer_norm1", MakeNorm(config, width));
    attention_ = register_module("self_attn", Attention(width, config.heads));
    norm2_ = register_module("layer_norm2", MakeNorm(config, width));
    const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    fc1_ = mlp->register_module("fc1", MakeLinear(width, config.hidden));
    fc2_ = mlp->register_module("fc2", MakeLinear(config.hidden, width));
  }

  Tensor forward(const Tensor& x) {
    const Tensor normed = norm1_(x);
    const Tensor y = x + attention_(normed, normed, normed);
    return y + fc2_(torch::gelu(fc1_(norm2_(y)), "tanh"));
  }

 private:
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
  Attention attention_{nullptr};
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
};
TORCH_MODULE(SiglipLayer);

class Siglip : public VisionTower {
 public:
  Siglip(const VisionConfig& config, std::int64_t width) : config_(config) {
    const std::int64_t side = config.patch_size;
    const auto embeddings = register_module("embeddings", std::make_shared<torch::nn::Module>());
    const auto patch =
        embeddings->register_module("patch_embedding", std::make_shared<torch::nn::Module>());
    patch_weight_ = patch->register_parameter("weight", InitialWeight({width, 3, side, side}));
    patch_bias_ = patch->register_parameter("bias", torch::zeros({width}));
    const std::int64_t tokens = static_cast<std::int64_t>(config.grid) * config.grid;
    position_ =
        embeddings->register_module("position_embedding", std::make_shared<torch::nn::Module>())
            ->register_parameter("weight", InitialWeight({tokens, width}));
    const auto encoder = register_module("encoder", std::make_shared<torch::nn::Module>());
    layers_ = encoder->register_module("layers", torch::nn::ModuleList());
    for (int i = 0; i < config.taps.back(); ++i) layers_->push_back(SiglipLayer(config, width));
  }

  std::vector<Tensor> Features(const Tensor& pictures) override {
    std::vector<Tensor> maps;
    Run(pictures, [&](int block, const Tensor& state) {
      for (const int tap : config_.taps) {
        if (tap == block) maps.push_back(state);
      }
    });
    return maps;
  }

  std::vector<Tensor> States(const Tensor& pictures) override {
    std::vector<Tensor> states;
    Run(pictures, [&](int, const Tensor& state) { states.push_back(state); });
    return states;
  }

  void Freeze(int stages) override {
    frozen_ = stages;
    for (Tensor* embedding : {&patch_weight_, &patch_bias_, &position_}) {
      embedding->set_requires_grad(stages == 0);
    }
    for (int i = 0; i < static_cast<int>(layers_->size()); ++i) {
      for (Tensor& parameter : layers_[static_cast<std::size_t>(i)]->parameters()) {
        parameter.set_requires_grad(i >= stages);
      }
    }
  }

 private:
  // Calls `take(i, state)` with the embeddings (0) and each block's output, counted from 1.
  template <typename Take>
  void Run(const Tensor& pictures, Take take) {
    Tensor x;
    {
      const torch::AutoGradMode grad(torch::GradMode::is_enabled() && frozen_ == 0);
      x = (pictures.to(torch::kFloat32) - config_.pixel_mean) / config_.pixel_scale;
      // "Valid" padding: rows and columns that fill no patch fall away.
      x = at::conv2d(x.to(patch_weight_.scalar_type()), patch_weight_, patch_bias_,
                     config_.patch_size);
      x = x.flatten(2).transpose(1, 2) + position_;
    }
    take(0, x);
    for (int i = 0; i < static_cast<int>(layers_->size()); ++i) {
      const torch::AutoGradMode grad(torch::GradMode::is_enabled() && i >= frozen_);
      x = layers_[static_cast<std::size_t>(i)]->as<SiglipLayer>()->forward(x);
      take(i + 1, x);
    }
  }

  const VisionConfig config_;
  int frozen_ = 0;
  Tensor patch_weight_, patch_bias_, position_;
  torch::nn::ModuleList layers_{nullptr};
};

}  // namespace

std::shared_ptr<VisionTower> MakeSiglip(const VisionConfig& config, int width) {
  return std::make_shared<Siglip>(config, width);
}

}  // namespace stillwatch::model
