// M3DiffConfig: the sizes and variants of one M3Diff network, as config.json stores them.

#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

inline constexpr int kSceneKinds = 11;         // The first enumerators of ChangeKind, by index.
inline constexpr int kSameKind = kSceneKinds;  // "Nothing changed", as the kind token's index.
// Crop in the full picture, then the regions' box in the crop; each x, y, w, h, fractions.
inline constexpr int kGeometrySize = 8;

// Which picture network, and what it is shown.  A network with SigLIP reads a conversation (text
// with pictures in it) and has no verdict of its own: LLaVA-OneVision's form, and the paper's
// M3Diff.
struct VisionConfig {
  std::string type = "efficientnet-lite0";  // efficientnet-lite0 or siglip
  int image_size = 160;                     // Pixels: pictures are squares of this side.
  int grid = 10;                            // Feature maps are grid x grid tokens.
  // The tower sees (value - pixel_mean) / pixel_scale of 0..255 values.  EfficientNet-Lite's own,
  // confirmed on 64 COCO pictures: of the usual choices these give the most certain classifier.
  double pixel_mean = 127;
  double pixel_scale = 128;

  // SigLIP alone; its width is mdp.width.  The values are those of so400m/14@384.
  int patch_size = 14;
  int heads = 16;
  int hidden = 4304;  // Of the MLPs.
  int layers = 26;
  double norm_eps = 1e-6;
  // Blocks whose outputs are the maps, counted from 1; the last is what the projector reads.
  std::array<int, 4> taps = {17, 20, 23, 26};
};

// The difference module; README.md says what the presets are.
struct MdpConfig {
  std::string preset = "m3diff";  // m3diff, paper, ccexpert or none
  int width = 192;                // Channels of the four feature maps.
  int heads = 3;
  int hidden = 768;  // Of the MLP.
  int layers = 2;
  double norm_eps = 1e-5;
};

// The decoder; keys are Qwen2's in Hugging Face's config.json.
struct TextConfig {
  int vocab_size = 1024;
  int hidden_size = 256;
  int intermediate_size = 704;
  int num_hidden_layers = 4;
  int num_attention_heads = 4;
  int num_key_value_heads = 2;
  int head_dim = 64;
  double rope_theta = 10000;
  double rms_norm_eps = 1e-6;
  bool tie_word_embeddings = true;
};

// What stands before the caption.
struct PromptConfig {
  // Nano's, which reads tokens of its own (m3diff_torch.h).
  int merge = 2;              // merge x merge feature tokens become one decoder token.
  bool change_tokens = true;  // Show the decoder the MDP's change tokens, too.
  bool focus_tokens = true;   // Show it the mean features inside the regions, of each picture.

  int eos_token_id = 0;          // Ends a caption (-1: none), and so does each of
  std::vector<int> other_eos{};  // these.
  int max_tokens = 40;           // Most tokens of a caption.

  // Of a network that reads a conversation.
  int image_token_id = 0;  // Stands in the text for a picture (any id without a word will do).
  bool pad = false;        // Pictures are padded to a square, else stretched to one.
  bool newline = false;    // A trained token follows the tokens of each picture.
};

// Temperatures that make the verdict's probabilities honest, fitted after training.
struct CalibrationConfig {
  double changed_temperature = 1;
  double kind_temperature = 1;
};

struct M3DiffConfig {
  // Whether it reads a conversation; else it reads nano's tokens.
  bool conversation() const { return vision.type == "siglip"; }

  std::string name = "m3diff-nano";
  VisionConfig vision{};
  MdpConfig mdp{};
  TextConfig text{};
  PromptConfig prompt{};
  CalibrationConfig calibration{};
};

// Reads config.json's text.  kDataLoss names the key and what is wanted; unknown keys are refused,
// because a misspelt size would otherwise be a network of the default size.
[[nodiscard]] Result<M3DiffConfig> ParseM3DiffConfig(std::string_view json);

// What the ranges of single keys cannot say, as "key: what is wanted"; empty: nothing is wrong.
std::string CrossCheck(const M3DiffConfig& config);

// The text of config.json: what ParseM3DiffConfig reads back equal.
std::string ToJson(const M3DiffConfig& config);

}  // namespace stillwatch::model
