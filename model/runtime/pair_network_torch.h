// PairNetwork: a model folder opened, and pairs of pictures turned into what its decoder reads.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "model/m3diff/m3diff_torch.h"
#include "model/runtime/captioner.h"
#include "model/tokenizer/tokenizer.h"
#include "model/view/crop.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// Everything about a pair that comes before words, the same for nano and for LLaVA-OneVision's
// family: which part of a picture is looked at, how it is resized, what the decoder is asked.
//
// Generation is not here: take decoder(), stop_ids() and Question::prompt.
//
// Not thread-safe: one thread at a time.  Call under c10::InferenceMode.
class PairNetwork {
 public:
  // kInvalidArgument: an option, or a network that we do not compute.  kNotFound, kDataLoss: the
  // folder; the message names file and key or tensor, and what was expected.
  [[nodiscard]] static Result<std::unique_ptr<PairNetwork>> Open(const CaptionerOptions& options);

  // The part of the pictures that is looked at: around the regions for nano, all of it otherwise.
  PixelRect CropOf(const Picture& picture, const std::vector<Region>& regions) const;

  // What the tower is shown of a picture: [1, 3, side, side] of values 0..255, on the CPU.
  // REQUIRES: CheckPicture accepts it.
  torch::Tensor See(const Picture& picture, const PixelRect& crop) const;

  // The tower's maps of that, [1, tokens, width] each.  They depend on nothing else, so that a
  // camera's reference may be looked at once.
  std::vector<torch::Tensor> Look(const torch::Tensor& seen);

  // Tokens of every prompt of this network.
  int PromptTokens() const;

  // What a verdict head says; empty for a network without one.
  struct Verdict {
    bool changed = false;
    double changed_probability = 0;  // Calibrated.
    ChangeKind kind = ChangeKind::kOther;
    double kind_probability = 0;
  };
  struct Question {
    torch::Tensor prompt{};  // [1, tokens, hidden], in the decoder's type, on its device.
    std::optional<Verdict> verdict{};
  };
  // `current` is the picture that the request's regions belong to.
  Question Ask(const std::vector<torch::Tensor>& reference_maps,
               const std::vector<torch::Tensor>& current_maps, const CaptionRequest& request);

  Qwen2& decoder() { return network_->decoder(); }
  M3Diff& network() { return network_; }
  const M3DiffConfig& config() const { return network_->config(); }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const ModelName& name() const { return name_; }
  const std::vector<int>& stop_ids() const { return stop_ids_; }

  // The conversation's ids with one image token a picture; empty for nano.
  const std::vector<int>& conversation() const { return conversation_; }

  // What a user should know of the folder (a missing difference module): for stderr.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Parts;
  explicit PairNetwork(Parts parts);
  [[nodiscard]] static Result<Parts> OpenOurs(const CaptionerOptions& options);
  [[nodiscard]] static Result<Parts> OpenFamily(const CaptionerOptions& options);

  M3Diff network_;
  const Tokenizer tokenizer_;
  const ModelName name_;
  const std::vector<int> stop_ids_;
  const std::vector<int> conversation_;
  const std::vector<std::string> notes_;
  const torch::Device device_;
};

}  // namespace stillwatch::model
