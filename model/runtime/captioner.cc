#include "model/runtime/captioner.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <thread>
#include <utility>

#include <torch/torch.h>

#include "model/checkpoint/sha256.h"
#include "model/generate/cpu_decoder_torch.h"
#include "model/generate/torch_decoder_torch.h"
#include "model/kernels/cpu/isa.h"
#include "model/m3diff/precision.h"
#include "model/preprocess/resize.h"
#include "model/runtime/byte_cache.h"
#include "model/runtime/caption_model.h"
#include "model/runtime/pair_network_torch.h"
#include "model/runtime/verdict_of_words.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// Every type that computes on the CPU but fp16 has kernels.
std::unique_ptr<StepDecoder> MakeDecoder(PairNetwork& network, const CaptionerOptions& options,
                                         int threads, int slots, int slot_tokens) {
  DecoderWeights weights = WeightsOf(*network.decoder(), network.config().text);
  const bool cpu = weights.embed.is_cpu();
  const bool bf16 = weights.embed.scalar_type() == torch::kBFloat16;
  if (!cpu || weights.embed.scalar_type() == torch::kFloat16) {
    return std::make_unique<TorchDecoder>(
        std::move(weights), TorchDecoderOptions{.slots = slots, .slot_tokens = slot_tokens});
  }
  return std::make_unique<CpuDecoder>(std::move(weights),
                                      CpuDecoderOptions{.slots = slots,
                                                        .slot_tokens = slot_tokens,
                                                        .threads = threads,
                                                        .int8 = options.dtype == "int8",
                                                        .bf16_products = bf16 && PrefersBf16()});
}

class Stream : public CaptionStream {
 public:
  explicit Stream(const Tokenizer& tokenizer) : decoder_(tokenizer) {}

  const std::string& Text(std::span<const int> ids) override {
    for (; seen_ < ids.size(); ++seen_) text_ += decoder_.Push(ids[seen_]);
    return text_;
  }

 private:
  StreamDecoder decoder_;
  std::size_t seen_ = 0;
  std::string text_;
};

class TorchModel : public CaptionModel {
 public:
  TorchModel(std::unique_ptr<PairNetwork> network, const CaptionerOptions& options);

  Result<EncodedPair> Encode(const CaptionRequest& request) override;
  Result<CaptionResult> Finish(const EncodedPair& pair, const Generated& written) override;
  std::unique_ptr<CaptionStream> Stream() override {
    return std::make_unique<model::Stream>(network_->tokenizer());
  }
  StepDecoder& decoder() override { return *decoder_; }
  CacheStats cache_stats() const override {
    return {.hits = cache_.hits(),
            .misses = cache_.misses(),
            .evicted = cache_.evicted(),
            .bytes = cache_.bytes()};
  }
  const ModelName& name() const override { return network_->name(); }
  std::string Describe() const override { return description_; }

 private:
  std::vector<Tensor> Look(const Picture& picture, const std::vector<Region>& regions);

  const std::unique_ptr<PairNetwork> network_;
  const int threads_;
  GenerateOptions generate_;
  std::unique_ptr<StepDecoder> decoder_;
  ByteCache<std::vector<Tensor>> cache_;
  std::string description_;
};

int ThreadsOf(const CaptionerOptions& options) {
  return options.threads > 0 ? options.threads
                             : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

TorchModel::TorchModel(std::unique_ptr<PairNetwork> network, const CaptionerOptions& options)
    : network_(std::move(network)),
      threads_(ThreadsOf(options)),
      generate_(options.generate),
      cache_(options.cache_bytes) {
  at::set_num_threads(threads_);
  generate_.max_tokens =
      options.max_tokens > 0 ? options.max_tokens : network_->config().prompt.max_tokens;
  generate_.stop_ids = network_->stop_ids();
  generate_.no_stop = generate_.no_stop || !options.stop;
  std::size_t longest = 0;
  if (network_->config().conversation()) {
    for (const std::string_view sentence : NothingChangedSentences()) {
      std::vector<int> ids = network_->tokenizer().EncodePlain(sentence);
      if (!generate_.stop_ids.empty()) ids.push_back(generate_.stop_ids[0]);
      longest = std::max(longest, ids.size());
      generate_.also.push_back(std::move(ids));
    }
  }
  const int slot_tokens =
      network_->PromptTokens() + std::max(generate_.max_tokens, static_cast<int>(longest));
  decoder_ = MakeDecoder(*network_, options, threads_,
                         std::max(options.batch, 1) * SlotsFor(generate_), slot_tokens);
  const Tensor weight = network_->decoder()->parameters()[0];
  description_ = weight.device().str() + ", " + std::string(torch::toString(weight.scalar_type()));
  if (weight.is_cpu()) {
    description_ += std::string(", ") + CpuIsaName(BestCpuIsa()) + ", " + std::to_string(threads_) +
                    " threads" + (options.dtype == "int8" ? ", int8 steps" : "");
  }
}

// The key is a digest of what the tower would see, so what is kept is exactly what it would say.
std::vector<Tensor> TorchModel::Look(const Picture& picture, const std::vector<Region>& regions) {
  const Tensor seen = network_->See(picture, network_->CropOf(picture, regions));
  const Tensor bytes = seen.cpu().contiguous();
  const std::string key = Sha256(std::as_bytes(std::span(
      static_cast<const char*>(bytes.const_data_ptr()), static_cast<std::size_t>(bytes.nbytes()))));
  if (const auto* kept = cache_.Find(key)) return *kept;
  std::vector<Tensor> maps = network_->Look(seen);
  std::int64_t size = 0;
  for (const Tensor& map : maps) size += static_cast<std::int64_t>(map.nbytes());
  cache_.Put(key, maps, size);
  return maps;
}

Result<EncodedPair> TorchModel::Encode(const CaptionRequest& request) try {
  for (const auto& [picture, which] :
       {std::pair(&request.reference, "reference"), std::pair(&request.current, "current")}) {
    const RgbView view(picture->rgb, picture->width, picture->height);
    if (Status s = CheckPicture(view, which); !s.ok()) return Failure(s);
  }
  if (at::get_num_threads() != threads_) at::set_num_threads(threads_);  // Per calling thread.
  const c10::InferenceMode inference;
  const auto reference = Look(request.reference, request.regions);
  const auto current = Look(request.current, request.regions);
  const PairNetwork::Question question = network_->Ask(reference, current, request);
  EncodedPair pair{.options = generate_};
  pair.verdict.prompt_ids = static_cast<int>(question.prompt.size(1));
  pair.verdict.calibrated = question.verdict.has_value();
  if (question.verdict) {
    pair.verdict.changed = question.verdict->changed;
    pair.verdict.changed_probability = question.verdict->changed_probability;
    pair.verdict.kind = question.verdict->kind;
    pair.verdict.kind_probability = question.verdict->kind_probability;
  }
  pair.prompt = std::make_unique<TorchPrompt>(question.prompt[0]);
  return pair;
} catch (...) {
  return DecoderFailure();
}

Result<CaptionResult> TorchModel::Finish(const EncodedPair& pair, const Generated& written) {
  CaptionResult result = pair.verdict;
  result.ids = written.ids;
  result.log_probabilities = written.log_probabilities;
  result.caption = network_->tokenizer().Decode(written.ids);
  result.caption_confidence = std::exp(written.MeanLogProbability());
  if (!result.calibrated) {
    const VerdictOfWords verdict = JudgeWords(
        result.caption, written, {.slope = 1 / network_->config().calibration.changed_temperature});
    result.changed = verdict.changed;
    result.changed_probability = verdict.changed_probability;
  }
  result.confidence = std::max(result.changed_probability, 1 - result.changed_probability);
  if (!std::isfinite(result.changed_probability) || !std::isfinite(result.caption_confidence)) {
    return Internal("model " + name().name + ": the verdict is not a number");
  }
  return result;
}

}  // namespace

Result<std::unique_ptr<CaptionModel>> OpenCaptionModel(const CaptionerOptions& options) try {
  if (Status s = Check(options.generate); !s.ok()) return Failure(s);
  auto network = PairNetwork::Open(options);
  if (!network) return Failure(network.error());
  for (const std::string& note : (*network)->notes()) {
    std::fprintf(stderr, "%s: %s\n", options.model_folder.c_str(), note.c_str());
  }
  auto model = std::make_unique<TorchModel>(std::move(*network), options);
  if (options.warm_up) {
    if (Status s = WarmUp(*model); !s.ok()) return Failure(s);
  }
  return model;
} catch (...) {
  return DecoderFailure();
}

Result<std::unique_ptr<Captioner>> OpenCaptioner(const CaptionerOptions& options) {
  auto model = OpenCaptionModel(options);
  if (!model) return Failure(model.error());
  return MakeCaptioner(std::move(*model));
}

}  // namespace stillwatch::model
