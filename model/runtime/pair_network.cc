#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "model/m3diff/attention_torch.h"
#include "model/m3diff/hf_config.h"
#include "model/m3diff/precision.h"
#include "model/preprocess/resize.h"
#include "model/prompt/conversation.h"
#include "model/runtime/fingerprint.h"
#include "model/runtime/model_folder.h"
#include "model/runtime/pair_network_torch.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

// One picture of the whole area as [1, 3, height, width] bytes.  Borrows.
torch::Tensor AsTensor(const RgbView& picture) {
  // from_blob wants a pointer to mutable bytes; nothing writes through it.
  auto* bytes = const_cast<std::uint8_t*>(picture.rgb.data());
  return torch::from_blob(bytes, {1, picture.height, picture.width, 3}, torch::kUInt8)
      .permute({0, 3, 1, 2});
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

Result<torch::Device> PickDevice(const std::string& word) {
  const bool cuda = torch::cuda::is_available();
  if (word == "cpu" || (word == "auto" && !cuda)) return torch::Device(torch::kCPU);
  if (word == "auto") return torch::Device(torch::kCUDA);
  if (word != "cuda") {
    return InvalidArgument("--device " + word + ": wanted auto, cpu or cuda");
  }
  if (!cuda) return Unavailable("--device cuda: this LibTorch sees no GPU; take cpu");
  return torch::Device(torch::kCUDA);
}

// `stored`: the type of most of the file's bytes.  Weights that are stored in 32 bits are computed
// in 32 bits unless somebody says otherwise: whoever stored them so wanted the digits.
Result<torch::ScalarType> PickType(const std::string& word, const torch::Device& device,
                                   Dtype stored) {
  if (word == "fp32") return torch::kFloat32;
  if (word == "bf16") return torch::kBFloat16;
  if (word == "fp16") return torch::kFloat16;
  if (word == "int8" && !device.is_cpu()) {
    return InvalidArgument("--dtype int8: there are kernels for the CPU only");
  }
  if (word != "auto" && word != "int8") {
    return InvalidArgument("--dtype " + word + ": wanted auto, fp32, bf16, fp16 or int8");
  }
  if (stored == Dtype::kF32) return torch::kFloat32;
  if (device.is_cuda()) return stored == Dtype::kF16 ? torch::kFloat16 : torch::kBFloat16;
  return PrefersBf16() ? torch::kBFloat16 : torch::kFloat32;
}

Dtype MostlyStoredAs(const Checkpoint& checkpoint) {
  std::map<Dtype, std::size_t> bytes;
  for (const auto& [name, view] : checkpoint.tensors()) bytes[view.dtype] += view.bytes.size();
  const auto most = std::max_element(
      bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? Dtype::kF32 : most->first;
}

bool HasFile(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The tokenizer's files lie beside the weights, or beside the adapter.
Result<Tokenizer> LoadTokenizer(const fs::path& folder, const fs::path& base, int vocabulary) {
  const bool here = HasFile(folder / "tokenizer.json") || HasFile(folder / "vocab.json");
  const fs::path& place = here ? folder : base;
  auto tokenizer = Tokenizer::Load(place);
  if (!tokenizer) return tokenizer;
  if (tokenizer->size() > vocabulary) {
    return DataLoss(place.string() + ": the tokenizer has " + std::to_string(tokenizer->size()) +
                    " tokens, text.vocab_size (rows of the word embedding) is " +
                    std::to_string(vocabulary));
  }
  return tokenizer;
}

// The question as the preset lays it out.
Result<std::string> LayOut(const CaptionerOptions& options, const std::string& preset,
                           const fs::path& base) {
  if (preset != "onevision") {
    return CcexpertConversation(options.question.empty() ? kCcexpertQuestion
                                                         : std::string_view(options.question));
  }
  auto chat = ChatTemplate::Load(options.model_folder);
  if (!chat && chat.error().code() == StatusCode::kNotFound) chat = ChatTemplate::Load(base);
  if (!chat) return Failure(chat.error());
  return chat->Render(options.question.empty() ? kChatQuestion
                                               : std::string_view(options.question));
}

}  // namespace

struct PairNetwork::Parts {
  M3Diff network{nullptr};
  Tokenizer tokenizer;
  ModelName name{};
  std::vector<int> conversation{};
  std::vector<std::string> notes{};
  torch::Device device = torch::kCPU;
};

PairNetwork::PairNetwork(Parts parts)
    : network_(std::move(parts.network)),
      tokenizer_(std::move(parts.tokenizer)),
      name_(std::move(parts.name)),
      stop_ids_([&] {
        const PromptConfig& prompt = network_->config().prompt;
        std::vector<int> ids = prompt.other_eos;
        if (prompt.eos_token_id >= 0) ids.push_back(prompt.eos_token_id);
        if (ids.empty()) {
          if (const auto end = tokenizer_.TokenId("<|im_end|>")) ids.push_back(*end);
        }
        return ids;
      }()),
      conversation_(std::move(parts.conversation)),
      notes_(std::move(parts.notes)),
      device_(parts.device) {}

Result<std::unique_ptr<PairNetwork>> PairNetwork::Open(const CaptionerOptions& options) {
  const fs::path folder = options.model_folder;
  const bool family = !options.adapter.empty() || HasFile(folder / "adapter_config.json") ||
                      IsHfConfig(ReadText(folder / "config.json"));
  auto parts = family ? OpenFamily(options) : OpenOurs(options);
  if (!parts) return Failure(parts.error());
  // Where products in bf16 are emulated (some ten times as slow as fp32, measured with
  // LibTorch 2.13 on an EPYC with AVX2) the vision half works in fp32, as the decoder's prompts do.
  const torch::Tensor weight = parts->network->decoder()->parameters()[0];
  if (weight.is_cpu() && weight.scalar_type() == torch::kBFloat16 && !PrefersBf16()) {
    for (const auto& child : parts->network->named_children()) {
      if (child.key() != "language_model") child.value()->to(torch::kFloat32);
    }
  }
  return std::unique_ptr<PairNetwork>(new PairNetwork(std::move(*parts)));
}

Result<PairNetwork::Parts> PairNetwork::OpenOurs(const CaptionerOptions& options) {
  auto folder = OpenModelFolder(options.model_folder);
  if (!folder) return Failure(folder.error());
  const M3DiffConfig& config = folder->config;
  if (!options.preset.empty() && options.preset != config.mdp.preset) {
    return InvalidArgument("--preset " + options.preset + ": " + options.model_folder +
                           " was trained with preset " + config.mdp.preset +
                           "; presets choose for LLaVA-OneVision's family alone");
  }
  if (!options.question.empty() && !config.conversation()) {
    return InvalidArgument("--prompt: " + options.model_folder + " reads no text");
  }
  auto tokenizer =
      LoadTokenizer(options.model_folder, options.model_folder, config.text.vocab_size);
  if (!tokenizer) return Failure(tokenizer.error());
  const auto device = PickDevice(options.device);
  if (!device) return Failure(device.error());
  const auto type = PickType(options.dtype, *device, MostlyStoredAs(folder->checkpoint));
  if (!type) return Failure(type.error());
  std::vector<int> conversation;
  if (config.conversation()) {
    const auto text =
        LayOut(options, config.prompt.newline ? "onevision" : "m3diff", options.model_folder);
    if (!text) return Failure(text.error());
    auto ids = EncodeConversation(*tokenizer, *text, config.prompt.image_token_id);
    if (!ids) return Failure(ids.error());
    conversation = std::move(*ids);
  }
  Parts parts{.tokenizer = std::move(*tokenizer),
              .name = {config.name, folder->fingerprint},
              .conversation = std::move(conversation),
              .device = *device};
  parts.network = M3Diff(config);
  if (Status s = LoadWeights(*parts.network, folder->checkpoint); !s.ok()) return Failure(s);
  parts.network->eval();
  parts.network->to(*device, *type);
  for (torch::Tensor& parameter : parts.network->parameters()) parameter.set_requires_grad(false);
  return parts;
}

Result<PairNetwork::Parts> PairNetwork::OpenFamily(const CaptionerOptions& options) {
  const auto weights = NetworkWeights::Open(options.model_folder, options.adapter);
  if (!weights) return Failure(weights.error());
  const fs::path& base = (*weights)->folder();
  const std::string preset = options.preset.empty() ? "m3diff" : options.preset;
  auto hf = ReadHfConfig(**weights, preset);
  if (!hf) return Failure(hf.error());
  auto tokenizer = LoadTokenizer(options.model_folder, base, hf->config.text.vocab_size);
  if (!tokenizer) return Failure(tokenizer.error());
  int& image = hf->config.prompt.image_token_id;
  if (image < 0) image = tokenizer->TokenId(kImageMark).value_or(-1);
  const auto text = LayOut(options, preset, base);
  if (!text) return Failure(text.error());
  auto ids = EncodeConversation(*tokenizer, *text, image);
  if (!ids) return Failure(ids.error());
  const auto device = PickDevice(options.device);
  if (!device) return Failure(device.error());
  const auto type = PickType(options.dtype, *device, MostlyStoredAs((*weights)->checkpoint()));
  if (!type) return Failure(type.error());
  const auto fingerprint = Fingerprint(**weights);
  if (!fingerprint) return Failure(fingerprint.error());

  Parts parts{.tokenizer = std::move(*tokenizer),
              .name = {hf->config.name, *fingerprint},
              .conversation = std::move(*ids),
              .notes = std::move(hf->notes),
              .device = *device};
  {
    const WithoutWeights scope;
    parts.network = M3Diff(hf->config);
  }
  if (Status s = BindWeights(*parts.network, *weights, {.dtype = *type, .device = *device});
      !s.ok()) {
    return Failure(s);
  }
  parts.network->eval();
  return parts;
}

PixelRect PairNetwork::CropOf(const Picture& picture, const std::vector<Region>& regions) const {
  return CropFor(picture.width, picture.height,
                 config().conversation() ? std::vector<Region>() : regions);
}

torch::Tensor PairNetwork::See(const Picture& picture, const PixelRect& crop) const {
  const int side = config().vision.image_size;
  const RgbView view(picture.rgb, picture.width, picture.height);
  if (config().conversation()) {
    const RgbImage seen = config().prompt.pad ? ResizeBicubic(PadToSquare(view), side, side)
                                              : ResizeBicubic(view, side, side);
    return AsTensor(seen).contiguous();
  }
  const torch::Tensor cut = AsTensor(view)
                                .slice(2, crop.y, crop.y + crop.height)
                                .slice(3, crop.x, crop.x + crop.width)
                                .to(torch::kFloat32);
  return at::_upsample_bilinear2d_aa(cut, {side, side}, /*align_corners=*/false)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

std::vector<torch::Tensor> PairNetwork::Look(const torch::Tensor& seen) {
  return network_->Look(seen.to(device_));
}

int PairNetwork::PromptTokens() const {
  const M3DiffConfig& c = config();
  if (c.conversation()) {
    return static_cast<int>(conversation_.size()) - 2 + 2 * network_->PictureTokens();
  }
  const int side = c.vision.grid / c.prompt.merge;
  const int maps = c.prompt.change_tokens ? 3 : 2;
  return maps * (side * side + 1) + 1 + (c.prompt.focus_tokens ? 2 : 0) + 1;
}

PairNetwork::Question PairNetwork::Ask(const std::vector<torch::Tensor>& reference,
                                       const std::vector<torch::Tensor>& current,
                                       const CaptionRequest& request) {
  if (config().conversation()) {
    const Observation seen = network_->Compare(reference, current);
    return {.prompt =
                network_->Conversation(seen, torch::tensor(std::vector<std::int64_t>(
                                                 conversation_.begin(), conversation_.end())))};
  }
  const PixelRect crop = CropOf(request.current, request.regions);
  const torch::Tensor geometry = Geometry(request.current, crop, request.regions).to(device_);
  const Observation seen = network_->Compare(reference, current, geometry);
  Verdict verdict;
  const CalibrationConfig& calibration = config().calibration;
  verdict.changed_probability =
      1 / (1 + std::exp(-seen.changed_logit.item<double>() / calibration.changed_temperature));
  verdict.changed = verdict.changed_probability > 0.5;
  const torch::Tensor kinds =
      torch::softmax(seen.kind_logits[0] / calibration.kind_temperature, 0).cpu();
  const bool told = request.kind && static_cast<int>(*request.kind) < kSceneKinds;
  const auto kind =
      told ? static_cast<std::int64_t>(*request.kind) : kinds.argmax().item<std::int64_t>();
  verdict.kind = static_cast<ChangeKind>(kind);
  verdict.kind_probability = kinds[kind].item<double>();
  const torch::Tensor said = torch::full({1}, verdict.changed ? kind : kSameKind,
                                         torch::TensorOptions(torch::kInt64).device(device_));
  return {.prompt = network_->Prompt(seen, geometry, said), .verdict = verdict};
}

}  // namespace stillwatch::model
