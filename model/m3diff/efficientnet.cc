#include <array>

#include "model/m3diff/tower_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// A depthwise convolution whose backward pass runs in fp32: on a CPU with AVX-512 BF16 torch 2.13
// takes 76 ms for the gradient of a [16, 1152, 7, 7] map with 5x5 kernels in bf16 and 5 ms in fp32.
class Depthwise : public torch::autograd::Function<Depthwise> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, std::int64_t stride,
                        std::int64_t padding) {
    const Tensor y = at::conv2d(x, weight, bias, stride, padding, 1, weight.size(0));
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    return y;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list outputs) {
    const auto saved = context->get_saved_variables();
    const Tensor& x = saved[0];
    const Tensor& weight = saved[1];
    const std::int64_t stride = context->saved_data["stride"].toInt();
    const std::int64_t padding = context->saved_data["padding"].toInt();
    const std::int64_t channels = weight.size(0);
    const auto [to_x, to_weight, to_bias] = at::convolution_backward(
        outputs[0].to(torch::kFloat32), x.to(torch::kFloat32), weight.to(torch::kFloat32),
        at::IntArrayRef({channels}), {stride, stride}, {padding, padding}, {1, 1}, false, {0, 0},
        channels, {true, true, true});
    return {to_x.to(x.scalar_type()), to_weight, to_bias, Tensor(), Tensor()};
  }
};

// TensorFlow's SAME padding: with stride 2 the odd pixel goes to the right and below.
Tensor PadForStride2(const Tensor& x, std::int64_t kernel) {
  const std::int64_t before = (kernel - 2) / 2;
  const std::int64_t after = kernel - 2 - before;
  return at::constant_pad_nd(x, {before, after, before, after});
}

class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(std::int64_t in, std::int64_t out, std::int64_t expansion, std::int64_t kernel,
            std::int64_t stride)
      : kernel_(kernel), stride_(stride), skip_(stride == 1 && in == out) {
    const std::int64_t middle = in * expansion;
    if (expansion != 1) {
      expand_ =
          register_module("expand", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, middle, 1)));
    }
    depthwise_ = register_module(
        "depthwise",
        torch::nn::Conv2d(torch::nn::Conv2dOptions(middle, middle, kernel).groups(middle)));
    project_ =
        register_module("project", torch::nn::Conv2d(torch::nn::Conv2dOptions(middle, out, 1)));
  }

  Tensor forward(const Tensor& x) {
    Tensor y = x;
    if (!expand_.is_empty()) {
      y = expand_(y);
      at::hardtanh_(y, 0, 6);
    }
    const std::int64_t padding = stride_ == 1 ? kernel_ / 2 : 0;
    if (stride_ == 2) y = PadForStride2(y, kernel_);
    y = Depthwise::apply(y, depthwise_->weight, depthwise_->bias, stride_, padding);
    at::hardtanh_(y, 0, 6);
    y = project_(y);
    return skip_ ? x + y : y;
  }

 private:
  const std::int64_t kernel_;
  const std::int64_t stride_;
  const bool skip_;
  torch::nn::Conv2d expand_{nullptr}, depthwise_{nullptr}, project_{nullptr};
};
TORCH_MODULE(Block);

struct Stage {
  std::int64_t repeats, kernel, stride, expansion, in, out;
};
constexpr std::array<Stage, 7> kStages = {{{1, 3, 1, 1, 32, 16},
                                           {2, 3, 2, 6, 16, 24},
                                           {2, 5, 2, 6, 24, 40},
                                           {3, 3, 2, 6, 40, 80},
                                           {3, 5, 1, 6, 80, 112},
                                           {4, 5, 2, 6, 112, 192},
                                           {1, 3, 1, 6, 192, 320}}};

struct Tap {
  int block;  // Its output is tapped.
  std::int64_t channels;
  std::int64_t stride;  // Picture pixels per map pixel.
};
constexpr std::array<Tap, kScales> kTaps = {
    {{4, 40, 8}, {7, 80, 16}, {10, 112, 16}, {15, 320, 32}}};
constexpr std::int64_t kGridStride = 16;

class EfficientNetLite0 : public VisionTower {
 public:
  EfficientNetLite0(const VisionConfig& config, int width) : config_(config) {
    stem_ =
        register_module("stem", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 32, 3).stride(2)));
    blocks_ = register_module("blocks", torch::nn::ModuleList());
    for (const Stage& stage : kStages) {
      for (std::int64_t i = 0; i < stage.repeats; ++i) {
        blocks_->push_back(Block(i == 0 ? stage.in : stage.out, stage.out, stage.expansion,
                                 stage.kernel, i == 0 ? stage.stride : 1));
      }
    }
    taps_ = register_module("taps", torch::nn::ModuleList());
    tap_norms_ = register_module("tap_norms", torch::nn::ModuleList());
    for (const Tap& tap : kTaps) {
      // A finer map is gathered to the grid by a strided convolution, which loses less than a mean.
      const std::int64_t factor = std::max<std::int64_t>(kGridStride / tap.stride, 1);
      taps_->push_back(
          torch::nn::Conv2d(torch::nn::Conv2dOptions(tap.channels, width, factor).stride(factor)));
      tap_norms_->push_back(torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
    }
  }

  std::vector<Tensor> Features(const Tensor& pictures) override {
    std::vector<Tensor> maps;
    std::size_t tap = 0;
    Run(pictures, [&](int block, const Tensor& x) {
      if (tap == kTaps.size() || kTaps[tap].block != block) return;
      maps.push_back(x);
      ++tap;
    });
    for (std::size_t i = 0; i < maps.size(); ++i) maps[i] = ToTokens(maps[i], i);
    return maps;
  }

  std::vector<Tensor> States(const Tensor& pictures) override {
    std::vector<Tensor> states;
    Run(pictures, [&](int, const Tensor& x) { states.push_back(x); });
    return states;
  }

  void Freeze(int stages) override {
    frozen_ = stages;
    for (Tensor& parameter : stem_->parameters()) parameter.set_requires_grad(stages == 0);
    for (int i = 0; i < static_cast<int>(blocks_->size()); ++i) {
      for (Tensor& parameter : blocks_[static_cast<std::size_t>(i)]->parameters()) {
        parameter.set_requires_grad(i >= stages);
      }
    }
  }

 private:
  // Calls `take(i, x)` with each block's output.
  template <typename Take>
  void Run(const Tensor& pictures, Take take) {
    Tensor x = (pictures - config_.pixel_mean) / config_.pixel_scale;
    x = x.to(stem_->weight.scalar_type());
    for (int i = 0; i < static_cast<int>(blocks_->size()); ++i) {
      const torch::AutoGradMode grad(torch::GradMode::is_enabled() && i >= frozen_);
      if (i == 0) x = at::hardtanh(stem_(PadForStride2(x, 3)), 0, 6);
      x = blocks_[static_cast<std::size_t>(i)]->as<Block>()->forward(x);
      take(i, x);
    }
  }

  Tensor ToTokens(const Tensor& map, std::size_t tap) {
    Tensor x = taps_[tap]->as<torch::nn::Conv2d>()->forward(map);
    const std::int64_t grid = config_.grid;
    if (x.size(2) != grid) x = at::upsample_bilinear2d(x, {grid, grid}, /*align_corners=*/false);
    return tap_norms_[tap]->as<torch::nn::LayerNorm>()->forward(x.flatten(2).transpose(1, 2));
  }

  const VisionConfig config_;
  int frozen_ = 0;
  torch::nn::Conv2d stem_{nullptr};
  torch::nn::ModuleList blocks_{nullptr}, taps_{nullptr}, tap_norms_{nullptr};
};

}  // namespace

std::shared_ptr<VisionTower> MakeEfficientNetLite0(const VisionConfig& config, int width) {
  return std::make_shared<EfficientNetLite0>(config, width);
}

}  // namespace stillwatch::model
