// Captioner: M3Diff behind an interface without LibTorch.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/generate/options.h"
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
  std::vector<float> log_probabilities{};  // Of each of `ids`.
  // Geometric mean of the probabilities of the caption's tokens, its end included, 0..1: how sure
  // the decoder was of its words.
  double caption_confidence = 0;
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

  std::string dtype = "auto";   // auto, fp32, bf16, fp16, or int8: as auto, steps read 8 bits.
  std::string device = "auto";  // auto, cpu or cuda.
  bool stop = true;             // False: go on behind the end of a caption, to max_tokens.

  // Beams, temperature and the like; stop_ids and max_tokens are the model's and those above.
  GenerateOptions generate{};

  int batch = 8;  // Captions that are written side by side, at most.
  // Features of pictures kept for later pairs: the reference of a camera is mostly the same for
  // hours.  20 pictures of a SigLIP in fp32, or 800 of nano.  A guess.
  std::int64_t cache_bytes = std::int64_t{256} << 20;
  // Captions a grey picture while opening, so that the first real one does not pay for what is set
  // up once (seconds on a GPU).
  bool warm_up = false;
};

// What is certain so far of the caption of a pair while it is written: whole characters, and more
// with every call.  Not called for beams before the end.
using CaptionProgress = std::function<void(std::size_t pair, std::string_view text)>;

// Captions pairs.
//
// Not thread-safe: one captioner belongs to one thread.
class Captioner {
 public:
  virtual ~Captioner() = default;

  // kInvalidArgument: an empty picture, or sizes that do not fit the bytes.
  // kResourceExhausted: no memory for even this one.
  // kInternal: LibTorch failed (its text is in the message).
  [[nodiscard]] virtual Result<CaptionResult> Caption(const CaptionRequest& request) = 0;

  // Many pairs side by side, answers in their order; one that fails does not keep the others.
  virtual std::vector<Result<CaptionResult>> CaptionAll(std::span<const CaptionRequest> requests,
                                                        const CaptionProgress& progress = {});

  virtual const ModelName& name() const = 0;
};

// Opens a captioner in this process: needs LibTorch linked (library stillwatch::runtime).
// kNotFound: no such folder or file.  kDataLoss: weights, config or tokenizer do not fit together;
// the message names the tensor or key and what was expected.
[[nodiscard]] Result<std::unique_ptr<Captioner>> OpenCaptioner(const CaptionerOptions& options);

}  // namespace stillwatch::model
