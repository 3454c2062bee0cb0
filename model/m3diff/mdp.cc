#include <cmath>
#include <numbers>

#include "model/m3diff/mdp_torch.h"

namespace stillwatch::model {
namespace {

// nn.Embedding's name for its table, so that CCExpert's checkpoints load: "x_flag_embed.weight".
class FlagImpl : public torch::nn::Module {
 public:
  explicit FlagImpl(std::int64_t width) {
    weight = register_parameter("weight", torch::randn({1, width}) * 0.02);
  }
  torch::Tensor weight;
};

torch::nn::LayerNorm MakeNorm(const MdpConfig& config) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.width}).eps(config.norm_eps));
}

void ZeroOut(torch::nn::Linear& linear) {
  const torch::NoGradGuard no_grad;
  linear->weight.zero_();
  linear->bias.zero_();
}

}  // namespace

ChangeExtractorImpl::ChangeExtractorImpl(std::int64_t width) {
  linear_mapping_ = register_module("linear_mapping", MakeLinear(2 * width, width));
  proj_ = register_module("proj", MakeLinear(3 * width, width));
}

torch::Tensor ChangeExtractorImpl::forward(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor gated_a = a * torch::sigmoid(linear_mapping_(torch::cat({a, b}, -1)));
  const torch::Tensor gated_b = b * torch::sigmoid(linear_mapping_(torch::cat({b, a}, -1)));
  return proj_(torch::cat({gated_a, gated_b, gated_a - gated_b}, -1));
}

MdpLayerImpl::MdpLayerImpl(const MdpConfig& config)
    : paper_(config.preset == "paper"), residual_keeps_position_(config.preset == "ccexpert") {
  change_self_attn_ = register_module("change_self_attn", Attention(config.width, config.heads));
  cross_attn_change_to_images_ =
      register_module("cross_attn_change_to_imageABC", Attention(config.width, config.heads));
  cross_attn_images_to_change_ =
      register_module("cross_attn_imageAB_to_change", Attention(config.width, config.heads));
  const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
  lin1_ = mlp->register_module("lin1", MakeLinear(config.width, config.hidden));
  lin2_ = mlp->register_module("lin2", MakeLinear(config.hidden, config.width));
  if (paper_) return;  // The equations know neither norms nor flags.
  norm1_ = register_module("norm1", MakeNorm(config));
  norm2_ = register_module("norm2", MakeNorm(config));
  norm3_ = register_module("norm3", MakeNorm(config));
  const auto flag = [&](const char* name) {
    return register_module(name, std::make_shared<FlagImpl>(config.width))->weight;
  };
  image_a_flag_ = flag("image_a_flag_embed");
  image_b_flag_ = flag("image_b_flag_embed");
  change_flag_ = flag("change_flag_embed");
  if (config.preset == "m3diff") ZeroOut(cross_attn_images_to_change_->out_proj());
}

torch::Tensor MdpLayerImpl::Mlp(const torch::Tensor& x) { return lin2_(torch::gelu(lin1_(x))); }

void MdpLayerImpl::ForwardPaper(torch::Tensor& a, torch::Tensor& b, torch::Tensor& q) {
  q = change_self_attn_(q, q, q);  // (4)
  const torch::Tensor all = torch::cat({a, b, q}, 1);
  q = Mlp(cross_attn_change_to_images_(q, all, all));  // (5)
  const torch::Tensor with_a = torch::cat({a, q}, 1);
  const torch::Tensor with_b = torch::cat({b, q}, 1);
  a = cross_attn_images_to_change_(a, with_a, with_a);  // (6)
  b = cross_attn_images_to_change_(b, with_b, with_b);
}

void MdpLayerImpl::Forward(const torch::Tensor& position, torch::Tensor& a, torch::Tensor& b,
                           torch::Tensor& q) {
  if (paper_) return ForwardPaper(a, b, q);
  torch::Tensor placed = q + position;
  q = norm1_(q + change_self_attn_(placed, placed, q));
  const torch::Tensor placed_a = a + (position + image_a_flag_);
  const torch::Tensor placed_b = b + (position + image_b_flag_);
  placed = q + (position + change_flag_);
  q = norm2_(q + cross_attn_change_to_images_(placed, torch::cat({placed_a, placed_b, placed}, 1),
                                              torch::cat({a, b, q}, 1)));
  q = norm3_(q + Mlp(q));

  // Both pictures go through the last attention as one batch; the change tokens, keys of both, are
  // projected once.
  auto& attention = *cross_attn_images_to_change_;
  const torch::Tensor images = torch::cat({a, b}, 0);
  const torch::Tensor placed_images = torch::cat({placed_a, placed_b}, 0);
  const torch::Tensor change_keys = attention.Keys(q + (position + change_flag_));
  const torch::Tensor change_values = attention.Values(q);
  const torch::Tensor refined = attention.Attend(
      attention.Queries(placed_images),
      torch::cat({attention.Keys(placed_images), torch::cat({change_keys, change_keys}, 0)}, 2),
      torch::cat({attention.Values(images), torch::cat({change_values, change_values}, 0)}, 2));
  const std::vector<torch::Tensor> halves =
      ((residual_keeps_position_ ? placed_images : images) + refined).chunk(2, 0);
  a = halves[0];
  b = halves[1];
}

MdpImpl::MdpImpl(const MdpConfig& config) : config_(config) {
  extractor_ =
      register_module("expert_change_feature_extractor_model", ChangeExtractor(config.width));
  layers_ = register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < config.layers; ++i) layers_->push_back(MdpLayer(config));
  const auto reduce =
      register_module("ChangeAwareTokenReduce", std::make_shared<torch::nn::Module>());
  const auto gate =
      reduce->register_module("feature_map_level_gate", std::make_shared<torch::nn::Module>());
  gate_in_ = gate->register_module("0", MakeLinear(3 * config.width, config.width));
  gate_out_ = gate->register_module("2", MakeLinear(config.width, 1));
}

MdpOutput MdpImpl::forward(const std::vector<torch::Tensor>& reference,
                           const std::vector<torch::Tensor>& current, MdpTrace* trace) {
  const auto scales = static_cast<std::int64_t>(reference.size());
  const std::int64_t batch = reference[0].size(0);
  const std::int64_t tokens = reference[0].size(1);
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(tokens)));
  const bool paper = config_.preset == "paper";

  torch::Tensor a = torch::cat(reference, 0);  // Scale by scale: row s * batch + i.
  torch::Tensor b = torch::cat(current, 0);
  const torch::Tensor first_a = a;
  const torch::Tensor first_b = b;
  torch::Tensor q;
  torch::Tensor delta;
  const torch::Tensor position = SinePosition(grid, config_.width).to(a.options());
  for (const auto& layer : *layers_) {
    delta = extractor_(a, b);
    q = q.defined() && !paper ? q + delta : delta;
    layer->as<MdpLayer>()->Forward(position, a, b, q);
    if (trace != nullptr && !trace->delta.defined()) *trace = {delta, a, b, q};
  }

  // (7): one scalar a scale and pair.
  const torch::Tensor means = torch::cat({a.mean(1), b.mean(1), (paper ? delta : q).mean(1)}, -1);
  const torch::Tensor gates =
      torch::sigmoid(gate_out_(torch::gelu(gate_in_(means)))).view({scales, batch});

  // (8)
  const auto by_scale = [&](const torch::Tensor& x) {
    return x.view({scales, batch, tokens, config_.width});
  };
  torch::Tensor weights = gates.view({scales, batch, 1, 1});
  if (!paper) weights = weights / (weights.sum(0, /*keepdim=*/true) + 1e-6);
  const auto fuse = [&](const torch::Tensor& x) { return (weights * by_scale(x)).sum(0); };
  MdpOutput out;
  out.gates = gates;
  out.change = fuse(q);
  if (config_.preset == "m3diff") {
    out.reference = reference.back() + fuse(a - first_a);
    out.current = current.back() + fuse(b - first_b);
  } else if (paper) {
    out.reference = fuse(a);
    out.current = fuse(b);
  } else {
    out.reference = fuse(a) + reference.back();
    out.current = fuse(b) + current.back();
  }
  return out;
}

torch::Tensor SinePosition(std::int64_t grid, std::int64_t width) {
  const std::int64_t half = width / 2;
  const torch::Tensor place = (torch::arange(1, grid + 1, torch::kFloat32) - 0.5) /
                              (static_cast<double>(grid) + 1e-6) * (2 * std::numbers::pi);
  const torch::Tensor pair = torch::arange(half, torch::kFloat32).div(2, "floor") * 2;
  const torch::Tensor angle =
      place.unsqueeze(1) / torch::pow(1e4, pair / static_cast<double>(half));  // [grid, half]
  const torch::Tensor even = angle.slice(1, 0, half, 2).sin();
  const torch::Tensor odd = angle.slice(1, 1, half, 2).cos();
  const torch::Tensor axis = torch::stack({even, odd}, 2).flatten(1);  // [grid, half]
  const torch::Tensor rows = axis.unsqueeze(1).expand({grid, grid, half});
  const torch::Tensor columns = axis.unsqueeze(0).expand({grid, grid, half});
  return torch::cat({rows, columns}, 2).view({grid * grid, width});
}

}  // namespace stillwatch::model
