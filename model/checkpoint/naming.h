// Naming: one network, whose tensors are called differently in files of different origin.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/checkpoint/safetensors.h"

namespace stillwatch::model {

// Who named the tensors.
enum class Naming : std::uint8_t {
  kStillwatch,   // Ours, of networks with a verdict (nano).
  kLlavaNext,    // lmms-lab's LLaVA-NeXT, CCExpert.
  kHfOld,        // transformers up to 4.51, and llava-hf's files on the hub.
  kHfOldNoWrap,  // What save_pretrained of transformers 5.23 writes: kHfOld without
                 // `vision_model.`.
  kHfNew,        // transformers 4.52 to 5.5.
  kHfNewNoWrap,  // transformers from 5.6: kHfNew without `vision_model.`.
  kUnknown,
};

// "stillwatch", "llava-next", "hf-old", "hf-old-nowrap", "hf-new", "hf-new-nowrap", "unknown".
std::string_view Name(Naming naming);

// Nothing for other words; "unknown" is one of those.
std::optional<Naming> ParseNaming(std::string_view name);

// By the tensors that only one of them has.
Naming DetectNaming(const TensorMap& tensors);

// What our network calls the tensor that a file, of whatever naming, calls `name`:
// vision_tower., mdp., multi_modal_projector.linear_{1,2}., image_newline, language_model.model.,
// language_model.lm_head.  Nothing if it is no part of the network.
std::optional<std::string> CanonicalName(std::string_view name);

// What a file of this naming calls the tensor that our network calls `canonical`; unchanged where
// the naming has no word for it.
std::string NameIn(Naming naming, std::string_view canonical);

// Tensors that files carry and nobody computes with: rotary tables, SigLIP's last norm and pooling
// head, and what CCExpert's module never uses.
bool IsUnused(std::string_view canonical);

}  // namespace stillwatch::model
