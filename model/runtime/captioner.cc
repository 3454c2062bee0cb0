#include "model/runtime/captioner.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include <torch/torch.h>

#include "model/m3diff/m3diff_torch.h"
#include "model/m3diff/precision.h"
#include "model/runtime/model_folder.h"
#include "model/tokenizer/tokenizer.h"
#include "model/view/crop.h"

namespace stillwatch::model {
namespace {

// Larger pictures are a mistake: 16384 squared is 268 million pixels.
constexpr int kLargestSide_px = 16384;

Status CheckPicture(const Picture& picture, const char* which) {
  if (picture.width < 1 || picture.height < 1 || picture.width > kLargestSide_px ||
      picture.height > kLargestSide_px) {
    return InvalidArgument(std::string("caption: the ") + which + " picture is " +
                           std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                           "; wanted 1 to " + std::to_string(kLargestSide_px) + " pixels a side");
  }
  const std::size_t wanted =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3;
  if (picture.rgb.size() != wanted) {
    return InvalidArgument(std::string("caption: the ") + which + " picture has " +
                           std::to_string(picture.rgb.size()) + " bytes, its size needs " +
                           std::to_string(wanted));
  }
  return {};
}

// The crop as [1, 3, side, side], 0..255.
torch::Tensor Look(const Picture& picture, const PixelRect& crop, int side) {
  // from_blob wants a pointer to mutable bytes; nothing writes through it.
  auto* bytes = const_cast<std::uint8_t*>(picture.rgb.data());
  const torch::Tensor cut =
      torch::from_blob(bytes, {1, picture.height, picture.width, 3}, torch::kUInt8)
          .slice(1, crop.y, crop.y + crop.height)
          .slice(2, crop.x, crop.x + crop.width)
          .permute({0, 3, 1, 2})
          .to(torch::kFloat32);
  return at::_upsample_bilinear2d_aa(cut, {side, side}, /*align_corners=*/false)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

// Crop in the picture and the regions' box in the crop, as training gives them.
torch::Tensor Geometry(const Picture& picture, const PixelRect& crop,
                       const std::vector<Region>& regions) {
  const Region view = {.x = static_cast<double>(crop.x) / picture.width,
                       .y = static_cast<double>(crop.y) / picture.height,
                       .w = static_cast<double>(crop.width) / picture.width,
                       .h = static_cast<double>(crop.height) / picture.height};
  Region box;
  if (!regions.empty()) {
    const Region all = BoundingBox(regions);
    const auto along = [](double at, double length, double from, double scale) {
      const double low = std::clamp((at - from) / scale, 0.0, 1.0);
      const double high = std::clamp((at + length - from) / scale, 0.0, 1.0);
      return std::pair(low, high - low);
    };
    const auto [x, w] = along(all.x, all.w, view.x, view.w);
    const auto [y, h] = along(all.y, all.h, view.y, view.h);
    if (w > 0 && h > 0) box = {.x = x, .y = y, .w = w, .h = h};
  }
  return torch::tensor({view.x, view.y, view.w, view.h, box.x, box.y, box.w, box.h},
                       torch::kFloat32)
      .unsqueeze(0);
}

class TorchCaptioner : public Captioner {
 public:
  TorchCaptioner(M3Diff network, Tokenizer tokenizer, ModelName name, int threads, int max_tokens)
      : network_(std::move(network)),
        tokenizer_(std::move(tokenizer)),
        name_(std::move(name)),
        threads_(threads),
        max_tokens_(max_tokens) {}

  Result<CaptionResult> Caption(const CaptionRequest& request) override try {
    if (Status s = CheckPicture(request.reference, "reference"); !s.ok()) return Failure(s);
    if (Status s = CheckPicture(request.current, "current"); !s.ok()) return Failure(s);
    if (at::get_num_threads() != threads_) at::set_num_threads(threads_);  // Per calling thread.
    const c10::InferenceMode inference;

    const M3DiffConfig& config = network_->config();
    const auto look = [&](const Picture& picture) {
      const PixelRect crop = CropFor(picture.width, picture.height, request.regions);
      return Look(picture, crop, config.vision.image_size);
    };
    const PixelRect crop = CropFor(request.current.width, request.current.height, request.regions);
    const torch::Tensor geometry = Geometry(request.current, crop, request.regions);
    const Observation seen =
        network_->Observe(look(request.reference), look(request.current), geometry);

    CaptionResult result;
    const double logit = seen.changed_logit.item<double>();
    result.changed_probability =
        1 / (1 + std::exp(-logit / config.calibration.changed_temperature));
    if (!std::isfinite(result.changed_probability)) {
      return Internal("model " + name_.name + ": the verdict is not a number");
    }
    result.changed = result.changed_probability > 0.5;
    result.confidence = std::max(result.changed_probability, 1 - result.changed_probability);
    const torch::Tensor kinds =
        torch::softmax(seen.kind_logits[0] / config.calibration.kind_temperature, 0);
    const bool told = request.kind && static_cast<int>(*request.kind) < kSceneKinds;
    const auto kind =
        told ? static_cast<std::int64_t>(*request.kind) : kinds.argmax().item<std::int64_t>();
    result.kind = static_cast<ChangeKind>(kind);
    result.kind_probability = kinds[kind].item<double>();

    const torch::Tensor said = torch::full({1}, result.changed ? kind : kSameKind, torch::kInt64);
    const torch::Tensor prompt = network_->Prompt(seen, geometry, said);
    result.prompt_ids = static_cast<int>(prompt.size(1));
    result.ids = network_->Write(prompt, max_tokens_)[0];
    result.caption = tokenizer_.Decode(result.ids);
    return result;
  } catch (const std::exception& e) {
    return Internal(std::string("LibTorch: ") + e.what());
  }

  const ModelName& name() const override { return name_; }

 private:
  M3Diff network_;
  const Tokenizer tokenizer_;
  const ModelName name_;
  const int threads_;
  const int max_tokens_;
};

}  // namespace

Result<std::unique_ptr<Captioner>> OpenCaptioner(const CaptionerOptions& options) try {
  auto folder = OpenModelFolder(options.model_folder);
  if (!folder) return Failure(folder.error());
  const M3DiffConfig& config = folder->config;
  const auto tokenizer = Tokenizer::Load(options.model_folder + "/tokenizer.json");
  if (!tokenizer) return Failure(tokenizer.error());
  if (tokenizer->size() > config.text.vocab_size) {
    return DataLoss(
        options.model_folder + ": tokenizer.json has " + std::to_string(tokenizer->size()) +
        " tokens, config.json's text.vocab_size is " + std::to_string(config.text.vocab_size));
  }
  // Names and shapes first: a wrong config must not cost the memory of a wrong network.
  M3Diff network(config);
  if (Status s = LoadWeights(*network, folder->checkpoint); !s.ok()) return Failure(s);
  network->eval();
  if (PrefersBf16()) network->to(torch::kBFloat16);
  for (torch::Tensor& parameter : network->parameters()) parameter.set_requires_grad(false);

  const int threads = options.threads > 0
                          ? options.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::make_unique<TorchCaptioner>(
      std::move(network), *tokenizer, ModelName{config.name, folder->fingerprint}, threads,
      options.max_tokens > 0 ? options.max_tokens : config.prompt.max_tokens);
} catch (const std::exception& e) {
  return Internal(std::string("LibTorch: ") + e.what());
}

}  // namespace stillwatch::model
