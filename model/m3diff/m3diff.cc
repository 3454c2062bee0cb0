#include <algorithm>
#include <cmath>

#include "model/m3diff/attention_torch.h"
#include "model/m3diff/m3diff_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

constexpr std::int64_t kVerdictHidden = 256;

torch::nn::LayerNorm MakeNorm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
}

// Which part of each cell of a grid x grid map lies in the box of `geometry` (its last four
// numbers): [batch, grid * grid], 0..1.  An empty box counts as the whole picture.
Tensor Inside(const Tensor& geometry, std::int64_t grid) {
  const Tensor box = geometry.to(torch::kFloat32).slice(1, 4, 8);
  const Tensor edge = torch::arange(grid, box.options()) / static_cast<double>(grid);
  const double cell = 1.0 / static_cast<double>(grid);
  const auto along = [&](std::int64_t axis) {
    const Tensor from = box.select(1, axis).unsqueeze(1);
    const Tensor to = from + box.select(1, axis + 2).unsqueeze(1);
    const Tensor low = torch::maximum(edge.unsqueeze(0), from);
    const Tensor high = torch::minimum(edge.unsqueeze(0) + cell, to);
    return (high - low).clamp_min(0) / cell;  // [batch, grid]
  };
  const Tensor covered = (along(1).unsqueeze(2) * along(0).unsqueeze(1)).flatten(1);
  const Tensor empty = (covered.sum(1, true) < 1e-6).to(torch::kFloat32);
  return covered + empty;
}

// Mean of the tokens by `weights` [batch, 1, tokens]: [batch, width].
Tensor Focus(const Tensor& weights, const Tensor& map) {
  return torch::bmm(weights.to(map.scalar_type()), map).squeeze(1).to(map.scalar_type());
}

}  // namespace

ProjectorImpl::ProjectorImpl(std::int64_t width, std::int64_t hidden, std::int64_t merge)
    : merge_(merge) {
  linear_1_ = register_module("linear_1", MakeLinear(width * merge * merge, hidden));
  linear_2_ = register_module("linear_2", MakeLinear(hidden, hidden));
}

Tensor ProjectorImpl::forward(const Tensor& features) {
  Tensor x = features;
  if (merge_ > 1) {
    const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(x.size(1))));
    const std::int64_t coarse = grid / merge_;
    x = x.view({x.size(0), coarse, merge_, coarse, merge_, x.size(2)})
            .permute({0, 1, 3, 2, 4, 5})
            .reshape({x.size(0), coarse * coarse, merge_ * merge_ * x.size(2)});
  }
  return linear_2_(torch::gelu(linear_1_(x)));
}

VerdictImpl::VerdictImpl(std::int64_t width) {
  norm_ = register_module("norm", MakeNorm(3 * width));
  hidden_ = register_module("hidden", MakeLinear(3 * width + kGeometrySize, kVerdictHidden));
  changed_ = register_module("changed", MakeLinear(kVerdictHidden, 1));
  kind_ = register_module("kind", MakeLinear(kVerdictHidden, kSceneKinds));
}

void VerdictImpl::Judge(const Tensor& weights, const Tensor& geometry, Observation& observation) {
  const Tensor& change = observation.change;
  const Tensor focused = Focus(weights, change);
  const Tensor pooled = norm_(torch::cat({change.mean(1), change.amax(1), focused}, 1));
  const Tensor hidden =
      torch::gelu(hidden_(torch::cat({pooled, geometry.to(pooled.scalar_type())}, 1)));
  observation.changed_logit = changed_(hidden).squeeze(1).to(torch::kFloat32);
  observation.kind_logits = kind_(hidden).to(torch::kFloat32);
}

M3DiffImpl::M3DiffImpl(const M3DiffConfig& config) : config_(config) {
  const std::int64_t width = config.mdp.width;
  const std::int64_t hidden = config.text.hidden_size;
  tower_ =
      register_module("vision_tower", config.conversation()
                                          ? MakeSiglip(config.vision, config.mdp.width)
                                          : MakeEfficientNetLite0(config.vision, config.mdp.width));
  if (config.mdp.preset != "none") mdp_ = register_module("mdp", Mdp(config.mdp));
  if (config.conversation()) {
    projector_ = register_module("multi_modal_projector", Projector(width, hidden, 1));
    if (config.prompt.newline) {
      newline_ = register_parameter("image_newline", InitialWeight({hidden}));
    }
  } else {
    verdict_ = register_module("verdict", Verdict(width));
    projector_ =
        register_module("multi_modal_projector", Projector(width, hidden, config.prompt.merge));
    if (config.prompt.change_tokens) {
      change_projector_ =
          register_module("change_projector", Projector(width, hidden, config.prompt.merge));
    }
    if (config.prompt.focus_tokens) {
      focus_projector_ = register_module("focus_projector", Projector(kScales * width, hidden, 1));
    }
    geometry_ = register_module("geometry", MakeLinear(kGeometrySize, hidden));
    marks_ = register_parameter("marks", InitialWeight({2, hidden}));
    kinds_ = register_parameter("kinds", InitialWeight({kSameKind + 1, hidden}));
  }
  decoder_ = register_module("language_model", Qwen2(config.text));
}

Observation M3DiffImpl::Observe(const Tensor& reference, const Tensor& current,
                                const Tensor& geometry) {
  const std::int64_t batch = reference.size(0);
  // Both pictures go through the tower as one batch.
  const std::vector<Tensor> maps = Look(torch::cat({reference, current}, 0));
  std::vector<Tensor> a;
  std::vector<Tensor> b;
  for (const Tensor& map : maps) {
    a.push_back(map.narrow(0, 0, batch));
    b.push_back(map.narrow(0, batch, batch));
  }
  return Compare(a, b, geometry);
}

std::vector<Tensor> M3DiffImpl::Look(const Tensor& pictures) { return tower_->Features(pictures); }

Observation M3DiffImpl::Compare(const std::vector<Tensor>& a, const std::vector<Tensor>& b,
                                const Tensor& geometry) {
  Observation seen;
  if (mdp_.is_empty()) {
    seen.reference = a.back();
    seen.current = b.back();
    if (!config_.conversation()) seen.change = b.back() - a.back();
  } else {
    const MdpOutput refined = mdp_(a, b);
    seen.reference = refined.reference;
    seen.current = refined.current;
    seen.change = refined.change;
  }
  if (config_.conversation()) return seen;
  const Tensor inside = Inside(geometry, config_.vision.grid);
  const Tensor weights = (inside / inside.sum(1, true)).unsqueeze(1);
  if (!focus_projector_.is_empty()) {
    std::vector<Tensor> focus_a;
    std::vector<Tensor> focus_b;
    for (std::size_t i = 0; i < a.size(); ++i) {
      focus_a.push_back(Focus(weights, a[i]));
      focus_b.push_back(Focus(weights, b[i]));
    }
    seen.reference_focus = torch::cat(focus_a, 1);
    seen.current_focus = torch::cat(focus_b, 1);
  }
  verdict_->Judge(weights, geometry, seen);
  return seen;
}

int M3DiffImpl::PictureTokens() const {
  const int tokens = config_.vision.grid * config_.vision.grid;
  return config_.prompt.newline ? tokens + 1 : tokens;
}

Tensor M3DiffImpl::Conversation(const Observation& seen, const Tensor& ids) {
  TORCH_CHECK(config_.conversation(), "this network reads no conversation");
  const Tensor places = (ids.cpu() == config_.prompt.image_token_id).nonzero().squeeze(1);
  TORCH_CHECK(places.numel() == 2, "a conversation has two pictures, found ", places.numel());
  const std::int64_t batch = seen.reference.size(0);
  std::vector<Tensor> parts;
  std::int64_t done = 0;
  const auto text_until = [&](std::int64_t end) {
    if (end == done) return;
    const Tensor words = decoder_->Embed(ids.slice(0, done, end).to(seen.reference.device()));
    parts.push_back(words.unsqueeze(0).expand({batch, -1, -1}));
  };
  const auto picture = [&](const Tensor& features, std::int64_t at) {
    text_until(at);
    parts.push_back(projector_(features));
    if (newline_.defined()) parts.push_back(newline_.view({1, 1, -1}).expand({batch, 1, -1}));
    done = at + 1;
  };
  picture(seen.reference, places[0].item<std::int64_t>());
  picture(seen.current, places[1].item<std::int64_t>());
  text_until(ids.size(0));
  for (Tensor& part : parts) part = part.to(parts.front().scalar_type());
  return torch::cat(parts, 1);
}

Tensor M3DiffImpl::Prompt(const Observation& observation, const Tensor& geometry,
                          const Tensor& kinds) {
  const std::int64_t batch = kinds.size(0);
  const Tensor first = projector_(observation.reference);
  const auto mark = [&](std::int64_t index) {
    return marks_[index].to(first.scalar_type()).expand({batch, 1, -1});
  };
  std::vector<Tensor> parts = {mark(0), first, mark(1), projector_(observation.current)};
  if (!change_projector_.is_empty()) {
    parts.push_back(mark(1));
    parts.push_back(change_projector_(observation.change));
  }
  parts.push_back(geometry_(geometry.to(geometry_->weight.scalar_type())).unsqueeze(1));
  if (!focus_projector_.is_empty()) {
    parts.push_back(focus_projector_(
        torch::stack({observation.reference_focus, observation.current_focus}, 1)));
  }
  parts.push_back(torch::embedding(kinds_, kinds).unsqueeze(1));
  for (Tensor& part : parts) part = part.to(first.scalar_type());
  return torch::cat(parts, 1);
}

Tensor M3DiffImpl::NameLogits(const Observation& observation) {
  const Tensor both =
      focus_projector_(torch::stack({observation.reference_focus, observation.current_focus}, 1));
  return decoder_->Logits(both.sum(1));
}

Tensor M3DiffImpl::CaptionLogits(const Tensor& prompt, const Tensor& ids) {
  const Tensor words = decoder_->Embed(ids).to(prompt.scalar_type());
  const Tensor hidden = decoder_(torch::cat({prompt, words}, 1));
  return decoder_->Logits(hidden.slice(1, prompt.size(1) - 1));
}

std::vector<std::vector<int>> M3DiffImpl::Write(const Tensor& prompt, int max_tokens) {
  const std::int64_t batch = prompt.size(0);
  std::vector<std::vector<int>> captions(static_cast<std::size_t>(batch));
  std::vector<bool> ended(captions.size(), false);
  const auto ends = [&](int id) {
    const std::vector<int>& others = config_.prompt.other_eos;
    return id == config_.prompt.eos_token_id ||
           std::find(others.begin(), others.end(), id) != others.end();
  };
  KvCache cache = decoder_->MakeCache(batch, prompt.size(1) + max_tokens);
  Tensor hidden = decoder_(prompt, &cache).slice(1, prompt.size(1) - 1);
  std::size_t open = captions.size();
  for (int i = 0; i < max_tokens && open > 0; ++i) {
    const Tensor ids = decoder_->Logits(hidden).argmax(-1);  // [batch, 1]
    const auto words = ids.contiguous();
    for (std::size_t row = 0; row < captions.size(); ++row) {
      if (ended[row]) continue;
      const auto id = static_cast<int>(words.data_ptr<std::int64_t>()[row]);
      if (ends(id)) {
        ended[row] = true;
        --open;
      } else {
        captions[row].push_back(id);
      }
    }
    if (open > 0 && i + 1 < max_tokens) {
      hidden = decoder_(decoder_->Embed(ids).to(prompt.scalar_type()), &cache);
    }
  }
  return captions;
}

}  // namespace stillwatch::model
