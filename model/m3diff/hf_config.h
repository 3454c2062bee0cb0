// ReadHfConfig: what a LLaVA-OneVision folder says of its network, held against its weights.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/network_weights.h"
#include "model/m3diff/config.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// "m3diff", "paper", "ccexpert", "onevision": what is made of the pictures before the projector,
// and how they and the question are laid out (README.md has the table).
bool IsPreset(std::string_view word);

struct HfConfig {
  M3DiffConfig config{};
  bool has_mdp = false;              // The weights hold a difference module.
  std::vector<std::string> notes{};  // What a user should know: for stderr and `model info`.
};

// Whether `json` is such a folder's config.json, and not one of ours.
bool IsHfConfig(std::string_view json);

// Reads config.json of Hugging Face's or LLaVA-NeXT's style, and generation_config.json and
// preprocessor_config.json where they are there.  Sizes that the config leaves out are taken from
// the tensors' shapes; the vocabulary always is.
//
// kDataLoss: a value does not parse, or contradicts a tensor (both are named).  kInvalidArgument: a
// network that we do not compute (another activation, rotary scaling, a sliding window), or a
// preset that is none.
[[nodiscard]] Result<HfConfig> ReadHfConfig(const NetworkWeights& weights, std::string_view preset);

// The text of a config.json in the style of that naming's family, which ReadHfConfig reads back.
std::string WriteHfConfig(const M3DiffConfig& config, Naming naming, Dtype dtype);

}  // namespace stillwatch::model
