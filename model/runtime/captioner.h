// Captioner: M3Diff behind an interface without LibTorch.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// A borrowed picture: height rows of width * 3 bytes, RGB, no padding.
struct Picture {
  std::span<const std::uint8_t> rgb{};
  int width = 0;
  int height = 0;
};

// What the pair selector says of a kind, as far as it is to be believed over the model: added and
// removed, which it had right in 9 of 9 events of the clips in README.md.
inline std::optional<ChangeKind> KindToTell(ChangeKind selected) {
  if (selected == ChangeKind::kAdded || selected == ChangeKind::kRemoved) return selected;
  return std::nullopt;
}

struct CaptionRequest {
  Picture reference{};
  Picture current{};
  // Where to look, fractions of the picture.  Empty: the whole picture.
  std::vector<Region> regions{};
  // What the pixels say of the kind, where they are sure of it.  If the model sees a change, it is
  // of this kind, and the sentence is about that; empty: the model's own verdict.
  std::optional<ChangeKind> kind{};
};

// What the model says of one pair.  Every word comes from the decoder, none from a template.
struct CaptionResult {
  std::string caption{};
  bool changed = false;
  double changed_probability = 0;  // 0..1.
  double confidence = 0;           // Probability that `changed` is right, 0.5..1.
  ChangeKind kind = ChangeKind::kOther;
  double kind_probability = 0;  // 0..1, given that something changed.
  // Whether the probabilities are calibrated: only a network with a verdict of its own has been.
  bool calibrated = true;
  std::vector<int> ids{};  // Generated tokens, without the end token.
  int prompt_ids = 0;      // Tokens before the first generated one, picture tokens included.
};

struct CaptionerOptions {
  // Folder with config.json, model.safetensors (or shards) and tokenizer.json (or vocab.json and
  // merges.txt): ours, Hugging Face's LLaVA-OneVision or LLaVA-NeXT's.
  std::string model_folder{};
  int threads = 0;     // 0: as many as the machine has.
  int max_tokens = 0;  // 0: what the model's config says.

  // For checkpoints that read a conversation.  Empty: what the checkpoint says of itself.
  std::string preset{};    // m3diff, onevision, paper or ccexpert.
  std::string question{};  // Stands in the conversation in place of the preset's own.
  std::string adapter{};   // Folder of a LoRA adapter to be merged.

  std::string dtype = "auto";   // auto, fp32, bf16 or fp16.
  std::string device = "auto";  // auto, cpu or cuda.
  bool stop = true;             // False: go on behind the end of a caption, to max_tokens.
};

// Captions pairs, one at a time.
//
// Not thread-safe: one captioner belongs to one thread.
class Captioner {
 public:
  virtual ~Captioner() = default;

  // kInvalidArgument: an empty picture, or sizes that do not fit the bytes.
  // kInternal: LibTorch failed (its text is in the message).
  [[nodiscard]] virtual Result<CaptionResult> Caption(const CaptionRequest& request) = 0;

  virtual const ModelName& name() const = 0;
};

// Opens a captioner in this process: needs LibTorch linked (library stillwatch::runtime).
// kNotFound: no such folder or file.  kDataLoss: weights, config or tokenizer do not fit together;
// the message names the tensor or key and what was expected.
[[nodiscard]] Result<std::unique_ptr<Captioner>> OpenCaptioner(const CaptionerOptions& options);

}  // namespace stillwatch::model
