#include "model/runtime/captioner.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>
#include <utility>

#include <torch/torch.h>

#include "model/preprocess/resize.h"
#include "model/runtime/pair_network_torch.h"
#include "model/runtime/speak_torch.h"

namespace stillwatch::model {
namespace {

RgbView View(const Picture& picture) { return {picture.rgb, picture.width, picture.height}; }

class TorchCaptioner : public Captioner {
 public:
  TorchCaptioner(std::unique_ptr<PairNetwork> network, const CaptionerOptions& options)
      : network_(std::move(network)),
        threads_(options.threads > 0
                     ? options.threads
                     : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
        max_tokens_(options.max_tokens > 0 ? options.max_tokens
                                           : network_->config().prompt.max_tokens),
        stop_(options.stop) {}

  Result<CaptionResult> Caption(const CaptionRequest& request) override try {
    if (Status s = CheckPicture(View(request.reference), "reference"); !s.ok()) return Failure(s);
    if (Status s = CheckPicture(View(request.current), "current"); !s.ok()) return Failure(s);
    if (at::get_num_threads() != threads_) at::set_num_threads(threads_);  // Per calling thread.
    const c10::InferenceMode inference;

    const auto look = [&](const Picture& picture) {
      return network_->Look(picture, network_->CropOf(picture, request.regions));
    };
    const PairNetwork::Question question =
        network_->Ask(look(request.reference), look(request.current), request);
    CaptionResult result;
    result.prompt_ids = static_cast<int>(question.prompt.size(1));
    Speech speech(network_->decoder(), question.prompt);
    const Spoken spoken =
        speech.Continue(max_tokens_, stop_ ? network_->stop_ids() : std::vector<int>());
    result.ids = spoken.ids;
    result.caption = network_->tokenizer().Decode(spoken.ids);
    if (question.verdict) {
      result.changed = question.verdict->changed;
      result.changed_probability = question.verdict->changed_probability;
      result.kind = question.verdict->kind;
      result.kind_probability = question.verdict->kind_probability;
    } else {
      const SpokenVerdict verdict =
          JudgeByWords(network_->tokenizer(), result.caption, spoken, speech);
      result.changed = verdict.changed;
      result.changed_probability = verdict.changed_probability;
      result.calibrated = false;
    }
    result.confidence = std::max(result.changed_probability, 1 - result.changed_probability);
    if (!std::isfinite(result.changed_probability)) {
      return Internal("model " + name().name + ": the verdict is not a number");
    }
    return result;
  } catch (const std::exception& e) {
    return Internal(std::string("LibTorch: ") + e.what());
  }

  const ModelName& name() const override { return network_->name(); }

 private:
  const std::unique_ptr<PairNetwork> network_;
  const int threads_;
  const int max_tokens_;
  const bool stop_;
};

}  // namespace

Result<std::unique_ptr<Captioner>> OpenCaptioner(const CaptionerOptions& options) try {
  auto network = PairNetwork::Open(options);
  if (!network) return Failure(network.error());
  for (const std::string& note : (*network)->notes()) {
    std::fprintf(stderr, "%s: %s\n", options.model_folder.c_str(), note.c_str());
  }
  return std::make_unique<TorchCaptioner>(std::move(*network), options);
} catch (const std::exception& e) {
  return Internal(std::string("LibTorch: ") + e.what());
}

}  // namespace stillwatch::model
