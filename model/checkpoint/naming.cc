#include "model/checkpoint/naming.h"

#include <array>
#include <span>

namespace stillwatch::model {
namespace {

struct Prefix {
  std::string_view theirs, ours;
};

// The first that fits counts: longer ones stand before what they begin with.
constexpr Prefix kAll[] = {
    {"model.vision_tower.vision_tower.vision_model.", "vision_tower."},
    {"model.vision_tower.vision_model.", "vision_tower."},
    {"model.vision_tower.", "vision_tower."},
    {"vision_tower.vision_model.", "vision_tower."},
    {"vision_tower.", "vision_tower."},
    {"model.language_model.", "language_model.model."},
    {"language_model.model.", "language_model.model."},
    {"language_model.lm_head.", "language_model.lm_head."},
    {"lm_head.", "language_model.lm_head."},
    {"model.mm_projector.0.", "multi_modal_projector.linear_1."},
    {"model.mm_projector.2.", "multi_modal_projector.linear_2."},
    {"model.multi_modal_projector.", "multi_modal_projector."},
    {"multi_modal_projector.", "multi_modal_projector."},
    {"model.image_newline", "image_newline"},
    {"image_newline", "image_newline"},
    {"model.vision_resampler.", "mdp."},
    {"model.mdp.", "mdp."},
    {"mdp.", "mdp."},
    {"model.embed_tokens.", "language_model.model.embed_tokens."},
    {"model.layers.", "language_model.model.layers."},
    {"model.norm.", "language_model.model.norm."},
};

constexpr Prefix kLlavaNext[] = {
    {"model.vision_tower.vision_tower.vision_model.", "vision_tower."},
    {"model.", "language_model.model."},
    {"lm_head.", "language_model.lm_head."},
    {"model.mm_projector.0.", "multi_modal_projector.linear_1."},
    {"model.mm_projector.2.", "multi_modal_projector.linear_2."},
    {"model.image_newline", "image_newline"},
    {"model.vision_resampler.", "mdp."},
};
constexpr Prefix kHfOld[] = {{"vision_tower.vision_model.", "vision_tower."}};
constexpr Prefix kHfNew[] = {
    {"model.vision_tower.vision_model.", "vision_tower."},
    {"model.language_model.", "language_model.model."},
    {"lm_head.", "language_model.lm_head."},
    {"model.multi_modal_projector.", "multi_modal_projector."},
    {"model.image_newline", "image_newline"},
    {"model.mdp.", "mdp."},
};
constexpr Prefix kHfNewNoWrap[] = {
    {"model.vision_tower.", "vision_tower."},
    {"model.language_model.", "language_model.model."},
    {"lm_head.", "language_model.lm_head."},
    {"model.multi_modal_projector.", "multi_modal_projector."},
    {"model.image_newline", "image_newline"},
    {"model.mdp.", "mdp."},
};

std::span<const Prefix> Prefixes(Naming naming) {
  switch (naming) {
    case Naming::kLlavaNext:
      return kLlavaNext;
    case Naming::kHfOld:
      return kHfOld;
    case Naming::kHfNew:
      return kHfNew;
    case Naming::kHfNewNoWrap:
      return kHfNewNoWrap;
    case Naming::kStillwatch:
    case Naming::kHfOldNoWrap:
    case Naming::kUnknown:
      break;
  }
  return {};  // Ours.
}

constexpr std::array<std::string_view, 6> kNames = {"stillwatch",    "llava-next", "hf-old",
                                                    "hf-old-nowrap", "hf-new",     "hf-new-nowrap"};

bool HasPrefix(const TensorMap& tensors, std::string_view prefix) {
  const auto found = tensors.lower_bound(prefix);
  return found != tensors.end() && found->first.starts_with(prefix);
}

}  // namespace

std::string_view Name(Naming naming) {
  const auto index = static_cast<std::size_t>(naming);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::optional<Naming> ParseNaming(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Naming>(i);
  }
  return std::nullopt;
}

Naming DetectNaming(const TensorMap& tensors) {
  // Ours has the decoder's names of kHfOld, so it is asked for first.
  if (tensors.contains("verdict.changed.weight")) return Naming::kStillwatch;
  if (tensors.contains("model.mm_projector.0.weight")) return Naming::kLlavaNext;
  if (tensors.contains("language_model.model.embed_tokens.weight")) {
    if (HasPrefix(tensors, "vision_tower.vision_model.")) return Naming::kHfOld;
    if (HasPrefix(tensors, "vision_tower.")) return Naming::kHfOldNoWrap;
  }
  if (tensors.contains("model.language_model.embed_tokens.weight")) {
    if (HasPrefix(tensors, "model.vision_tower.vision_model.")) return Naming::kHfNew;
    if (HasPrefix(tensors, "model.vision_tower.")) return Naming::kHfNewNoWrap;
  }
  return Naming::kUnknown;
}

std::optional<std::string> CanonicalName(std::string_view name) {
  for (const Prefix& prefix : kAll) {
    if (!name.starts_with(prefix.theirs)) continue;
    return std::string(prefix.ours) + std::string(name.substr(prefix.theirs.size()));
  }
  return std::nullopt;
}

std::string NameIn(Naming naming, std::string_view canonical) {
  for (const Prefix& prefix : Prefixes(naming)) {
    if (!canonical.starts_with(prefix.ours)) continue;
    return std::string(prefix.theirs) + std::string(canonical.substr(prefix.ours.size()));
  }
  return std::string(canonical);
}

bool IsUnused(std::string_view canonical) {
  return canonical.ends_with(".inv_freq") || canonical.ends_with(".position_ids") ||
         canonical.starts_with("vision_tower.post_layernorm.") ||
         canonical.starts_with("vision_tower.head.") ||
         (canonical.starts_with("mdp.") &&
          (canonical.find(".norm4.") != std::string_view::npos ||
           canonical.starts_with("mdp.ChangeAwareTokenReduce.change_for_key_proj.") ||
           canonical.starts_with("mdp.ChangeAwareTokenReduce.cross_attn.")));
}

}  // namespace stillwatch::model
