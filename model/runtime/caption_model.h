// CaptionModel: M3Diff as those see it who batch its work.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "model/generate/generation.h"
#include "model/generate/options.h"
#include "model/generate/step_decoder.h"
#include "model/runtime/captioner.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// A pair after everything that comes before the decoder.
struct EncodedPair {
  std::unique_ptr<DecoderPrompt> prompt{};
  GenerateOptions options{};
  CaptionResult verdict{};  // As far as it is known before there is a caption.
};

// Turns tokens into text while a caption grows.
class CaptionStream {
 public:
  virtual ~CaptionStream() = default;
  // The text of the tokens so far, in whole characters.  `ids` begins with those of the last call.
  virtual const std::string& Text(std::span<const int> ids) = 0;
};

// Encode and Finish are the two ends of a caption; between them it is written by the decoder, in a
// batch with others.  How features of pictures were kept is counted.
//
// Not thread-safe: belongs to one thread.
class CaptionModel {
 public:
  virtual ~CaptionModel() = default;

  struct CacheStats {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evicted = 0;
    std::int64_t bytes = 0;  // Held now.
  };

  // Fails as Captioner::Caption does; after kResourceExhausted a later call may go through.
  [[nodiscard]] virtual Result<EncodedPair> Encode(const CaptionRequest& request) = 0;
  [[nodiscard]] virtual Result<CaptionResult> Finish(const EncodedPair& pair,
                                                     const Generated& written) = 0;
  virtual std::unique_ptr<CaptionStream> Stream() = 0;

  virtual StepDecoder& decoder() = 0;
  virtual CacheStats cache_stats() const = 0;
  virtual const ModelName& name() const = 0;
  virtual std::string Describe() const = 0;  // Device, types, threads: one line for logs.
};

// Opens a model in this process: needs LibTorch linked (library stillwatch::runtime).  Fails as
// OpenCaptioner does.
[[nodiscard]] Result<std::unique_ptr<CaptionModel>> OpenCaptionModel(
    const CaptionerOptions& options);

// Captions a grey picture, so that what is set up once is.
[[nodiscard]] Status WarmUp(CaptionModel& model);

// A captioner on the calling thread, without a server's thread and queue.
std::unique_ptr<Captioner> MakeCaptioner(std::unique_ptr<CaptionModel> model);

}  // namespace stillwatch::model
