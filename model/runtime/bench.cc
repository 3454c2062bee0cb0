#include "model/runtime/bench.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <torch/torch.h>

#include "model/generate/cpu_decoder_torch.h"
#include "model/generate/generate.h"
#include "model/generate/torch_decoder_torch.h"
#include "model/kernels/cpu/isa.h"
#include "model/m3diff/attention_torch.h"
#include "model/m3diff/m3diff_torch.h"
#include "model/m3diff/precision.h"
#include "model/runtime/bench_floors_torch.h"
#include "model/runtime/pair_network_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

constexpr int kQuestionTokens = 60;  // Around the pictures, as in CCExpert's conversation.
constexpr double kMb = 1e6;

// Normal numbers, drawn once and repeated: 7 billion draws would take minutes.
void FillRandomly(torch::nn::Module& network, torch::ScalarType type, const torch::Device& device) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const Tensor numbers = (torch::randn({1 << 20}) * 0.02).to(type);
  for (Tensor& parameter : network.parameters()) {
    if (parameter.dim() < 2) {
      parameter.set_data(parameter.to(device, type).contiguous());
      continue;
    }
    Tensor filled = torch::empty(parameter.sizes(), torch::TensorOptions(device).dtype(type));
    Tensor flat = filled.view({-1});
    for (std::int64_t at = 0; at < flat.numel(); at += numbers.numel()) {
      const std::int64_t count = std::min(numbers.numel(), flat.numel() - at);
      flat.narrow(0, at, count).copy_(numbers.narrow(0, 0, count));
    }
    parameter.set_data(filled);
  }
}

std::int64_t BytesOf(const std::vector<Tensor>& tensors) {
  std::int64_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += static_cast<std::int64_t>(tensor.nbytes());
  return bytes;
}

// Multiplications and additions; the attention of a prompt counts its lower triangle alone.
struct Work {
  double tower = 0;    // Of two pictures.
  double compare = 0;  // Difference module and projector.
  double prefill = 0;
  double step = 0;  // Of one token, without its attention.
};

Work WorkOf(const M3DiffConfig& c, double prompt) {
  Work work;
  const TextConfig& t = c.text;
  const double hidden = t.hidden_size;
  const double body =
      t.num_hidden_layers *
      (hidden * (2.0 * t.num_attention_heads + 2.0 * t.num_key_value_heads) * t.head_dim +
       3 * hidden * t.intermediate_size);
  work.step = 2 * (body + hidden * t.vocab_size);
  work.prefill = 2 * body * prompt + 2 * hidden * t.vocab_size +
                 2.0 * t.num_hidden_layers * t.num_attention_heads * t.head_dim * prompt * prompt;
  const double d = c.mdp.width;
  const double n = static_cast<double>(c.vision.grid) * c.vision.grid;
  if (c.conversation()) {
    const double layers = c.vision.taps.back();
    work.tower = 2 * (layers * (n * (8 * d * d + 4 * d * c.vision.hidden) + 4 * n * n * d) +
                      2 * n * d * 3 * c.vision.patch_size * c.vision.patch_size);
  }
  if (c.mdp.preset != "none") {
    const double projections = 4 * 2 * n * d * d;  // q, k, v and out of n tokens.
    const double extract = 2 * 2 * n * 2 * d * d + 2 * n * 3 * d * d;
    const double self = projections + 4 * n * n * d;
    const double to_images = projections + 2 * 2 * 2 * n * d * d + 4 * n * 3 * n * d;
    const double to_change = 2 * projections + 2 * 2 * n * d * d + 2 * 4 * n * 2 * n * d;
    const double mlp = 4 * n * d * c.mdp.hidden;
    work.compare = 4.0 * c.mdp.layers * (extract + self + to_images + to_change + mlp);
  }
  if (c.conversation()) work.compare += 2 * 2 * n * (d * hidden + hidden * hidden);
  return work;
}

// One model under the stopwatch.
class Bencher {
 public:
  Bencher(const BenchOptions& options, const std::function<void(const BenchRow&)>& row)
      : options_(options), row_(row) {}

  Status Run() {
    threads_ = options_.threads > 0
                   ? options_.threads
                   : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    at::set_num_threads(threads_);
    if (Status s = Load(); !s.ok()) return s;
    const c10::InferenceMode inference;
    MakeDecoder();
    const double reads = static_cast<double>(StepBytes());
    const bool int8 = options_.dtype == "int8";
    floors_ = MeasureFloors(device_, int8 ? torch::kChar : type_, StepBytes(), threads_);
    std::string where = device_.str() + ", weights " + torch::toString(type_);
    if (int8) where += ", steps int8";
    if (device_.is_cpu()) where += std::string(", ") + CpuIsaName(BestCpuIsa());
    Give("threads", threads_, "", 0, where);
    Give("copy", floors_.copy_bytes_per_s / 1e9, "GB/s");
    Give("GEMV", floors_.gemv_bytes_per_s / 1e9, "GB/s");
    Give("GEMM", floors_.gemm_flops / 1e9, "GFLOP/s");
    GiveTime("load", load_s_, static_cast<double>(weights_bytes_) * 2 / floors_.copy_bytes_per_s,
             options_.shape.empty() ? "" : "random weights, in memory");
    Tensor prompt = MakePrompt();
    const Work work = WorkOf(config_, static_cast<double>(prompt.size(0)));
    if (!options_.decoder_only) prompt = LookAndCompare(work);

    const TorchPrompt asked(prompt);
    const StepDecoder::Prompt first = {.slot = 0, .prompt = &asked};
    Status failure;
    const auto check = [&](const auto& result) {
      if (!result && failure.ok()) failure = result.error();
    };
    const auto read = [&] { check(decoder_->Prefill({&first, 1}, false)); };
    const double prefill = Measure(read);
    GiveTime("prefill", prefill, work.prefill / floors_.gemm_flops,
             std::to_string(prompt.size(0)) + " tokens");

    std::vector<double> step_of;
    for (const int batch : options_.batches) {
      if (batch > decoder_->slots()) {
        Give("captions, batch " + std::to_string(batch), 0, "1/s", 0,
             "left out: keys and values of so many need more memory than is free");
        continue;
      }
      const double step = StepSeconds(batch, check);
      if (!failure.ok()) return failure;
      const double kv = KvBytes(prompt.size(0)) * batch;
      const double limit =
          std::max((reads + kv) / floors_.gemv_bytes_per_s, work.step * batch / floors_.gemm_flops);
      GiveTime("decode a token, batch " + std::to_string(batch), step, limit);
      const double pair = vision_s_ + prefill;
      const double pair_limit = (work.tower + work.compare + work.prefill) / floors_.gemm_flops;
      const double steps = options_.tokens - 1;
      if (batch == 1) {
        MeasureLatency(asked, prefill, step, pair_limit + steps * limit);
      }
      const double rate = batch / (batch * pair + steps * step);
      const double best = batch / (batch * pair_limit + steps * limit);
      Give("captions, batch " + std::to_string(batch), rate, "1/s", best,
           "from the medians above; " + std::to_string(options_.tokens) + " tokens");
    }
    const double peak = static_cast<double>(PeakMemory_bytes());
    Give("peak memory", peak / kMb, "MB", static_cast<double>(weights_bytes_) / kMb,
         "limit: the weights");
    return failure;
  }

 private:
  Status Load() {
    const auto start = std::chrono::steady_clock::now();
    if (!options_.model_folder.empty()) {
      auto opened = PairNetwork::Open({.model_folder = options_.model_folder,
                                       .dtype = options_.dtype,
                                       .device = options_.device});
      if (!opened) return opened.error();
      pair_ = std::move(*opened);
      network_ = pair_->network();
    } else {
      const auto config = ShapeConfig(options_.shape);
      if (!config) return config.error();
      const bool cuda =
          options_.device == "cuda" || (options_.device == "auto" && torch::cuda::is_available());
      if (cuda && !torch::cuda::is_available()) {
        return Unavailable("device cuda: this LibTorch sees no GPU; take cpu");
      }
      const auto device = torch::Device(cuda ? torch::kCUDA : torch::kCPU);
      const bool half =
          options_.dtype == "bf16" || (options_.dtype != "fp32" && (cuda || PrefersBf16()));
      {
        const WithoutWeights scope;
        network_ = M3Diff(*config);
      }
      const auto type = half ? torch::kBFloat16 : torch::kFloat32;
      if (options_.decoder_only) {
        FillRandomly(*network_->decoder(), type, device);
      } else {
        FillRandomly(*network_, type, device);
      }
      if (!options_.decoder_only && !cuda && half && !PrefersBf16()) {
        for (const auto& child : network_->named_children()) {
          if (child.key() != "language_model") child.value()->to(torch::kFloat32);
        }
      }
      network_->eval();
    }
    load_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    config_ = network_->config();
    const Tensor weight = network_->decoder()->parameters()[0];
    device_ = weight.device();
    type_ = weight.scalar_type();
    weights_bytes_ =
        BytesOf(options_.decoder_only ? network_->decoder()->parameters() : network_->parameters());
    return {};
  }

  void MakeDecoder() {
    // As many slots as the largest batch wants, within a half of the memory that is free.
    const int longest = *std::max_element(options_.batches.begin(), options_.batches.end());
    const auto prompt = static_cast<int>(MakePrompt().size(0));
    const int slot_tokens =
        prompt + options_.tokens + kSteps * static_cast<int>(options_.batches.size());
    const auto fits =
        static_cast<int>(static_cast<double>(FreeMemory_bytes()) / 2 / KvBytes(slot_tokens));
    const int slots = device_.is_cuda() ? longest : std::clamp(fits, 1, longest);
    DecoderWeights weights = WeightsOf(*network_->decoder(), config_.text);
    if (device_.is_cpu()) {
      decoder_ = std::make_unique<CpuDecoder>(
          std::move(weights),
          CpuDecoderOptions{.slots = slots,
                            .slot_tokens = slot_tokens,
                            .threads = threads_,
                            .int8 = options_.dtype == "int8",
                            .bf16_products = type_ == torch::kBFloat16 && PrefersBf16()});
    } else {
      decoder_ = std::make_unique<TorchDecoder>(
          std::move(weights), TorchDecoderOptions{.slots = slots, .slot_tokens = slot_tokens});
    }
  }

  // Weights that a step of one token reads.
  std::int64_t StepBytes() {
    std::int64_t numbers = 0;
    for (const auto& item : network_->decoder()->named_parameters()) {
      const bool table = item.key() == "model.embed_tokens.weight";
      if (!table || config_.text.tie_word_embeddings) numbers += item.value().numel();
    }
    const double size =
        options_.dtype == "int8" ? 1 + 4.0 / 128 : static_cast<double>(torch::elementSize(type_));
    return static_cast<std::int64_t>(static_cast<double>(numbers) * size);
  }

  double KvBytes(std::int64_t tokens) const {
    const TextConfig& t = config_.text;
    return 2.0 * t.num_hidden_layers * t.num_key_value_heads * t.head_dim *
           static_cast<double>(tokens) * static_cast<double>(torch::elementSize(type_));
  }

  Tensor Pictures() const {
    const int side = config_.vision.image_size;
    return torch::full({1, 3, side, side}, 127.0F, torch::TensorOptions(device_));
  }

  // Random embeddings of the length that the network's prompts have.
  Tensor MakePrompt() {
    const M3DiffConfig& c = config_;
    std::int64_t tokens = 0;
    if (c.conversation()) {
      tokens = kQuestionTokens + 2 * network_->PictureTokens();
    } else {
      const int side = c.vision.grid / c.prompt.merge;
      tokens = (c.prompt.change_tokens ? 3 : 2) * (side * side + 1) + 2 +
               (c.prompt.focus_tokens ? 2 : 0);
    }
    torch::manual_seed(2);
    return (torch::randn({tokens, c.text.hidden_size}) * 0.02).to(device_, type_);
  }

  // The vision half; what it makes of two grey pictures is the prompt.
  Tensor LookAndCompare(const Work& work) {
    const Tensor pictures = Pictures();
    std::vector<Tensor> maps;
    const double look = 2 * Measure([&] { maps = network_->Look(pictures); });
    GiveTime("tower, two pictures", look, work.tower / floors_.gemm_flops,
             config_.conversation() ? "" : "no limit: depthwise convolutions are no product");
    Tensor prompt;
    const Tensor geometry = torch::full({1, kGeometrySize}, 0.5F, torch::TensorOptions(device_));
    const Tensor ids = ConversationIds();
    const auto compare = [&] {
      const Observation seen = network_->Compare(maps, maps, geometry);
      if (config_.conversation()) {
        prompt = network_->Conversation(seen, ids);
      } else {
        prompt = network_->Prompt(
            seen, geometry, torch::zeros({1}, torch::TensorOptions(device_).dtype(torch::kInt64)));
      }
    };
    const double seconds = Measure(compare);
    GiveTime("MDP and projector", seconds, work.compare / floors_.gemm_flops);
    vision_s_ = look + seconds;
    return prompt[0];
  }

  Tensor ConversationIds() const {
    if (pair_ != nullptr && !pair_->conversation().empty()) {
      return torch::tensor(
          std::vector<std::int64_t>(pair_->conversation().begin(), pair_->conversation().end()));
    }
    Tensor ids = torch::arange(kQuestionTokens + 2, torch::kInt64);
    ids[10] = config_.prompt.image_token_id;
    ids[20] = config_.prompt.image_token_id;
    return ids;
  }

  template <typename Check>
  double StepSeconds(int batch, const Check& check) {
    std::vector<StepDecoder::Token> tokens;
    for (int slot = 0; slot < batch; ++slot) {
      if (slot > 0) decoder_->Copy(0, slot, 0);
      tokens.push_back({.slot = slot, .id = 1 + slot});
    }
    return MedianSeconds(kSteps, device_, [&] { check(decoder_->Step(tokens, false)); });
  }

  void MeasureLatency(const TorchPrompt& prompt, double prefill, double step, double limit) {
    const std::string what = "latency of a pair, " + std::to_string(options_.tokens) + " tokens";
    if (prefill > kSlow_s) {
      GiveTime(what, vision_s_ + prefill + (options_.tokens - 1) * step, limit,
               "both pictures new; from the medians above");
      return;
    }
    const GenerateRequest request = {&prompt, {.max_tokens = options_.tokens, .no_stop = true}};
    Status status;
    const double seconds = MedianSeconds(options_.repeats, device_, [&] {
      auto written = Generate(*decoder_, {&request, 1});
      if (!written) status = written.error();
    });
    GiveTime(what, vision_s_ + seconds, limit,
             status.ok() ? "both pictures new" : status.message());
  }

  // The median, after one call for what is set up once; or that call, where it takes long enough
  // that nobody wants to wait for more and set-up is nothing beside it.
  double Measure(const std::function<void()>& work) {
    const double first = MedianSeconds(1, device_, work);
    return first > kSlow_s ? first : MedianSeconds(options_.repeats, device_, work);
  }

  void Give(const std::string& what, double value, const std::string& unit, double limit = 0,
            const std::string& note = {}) {
    row_({.what = what,
          .value = value,
          .unit = unit,
          .limit = limit,
          .reached = limit > 0 && value > 0 ? (unit == "MB" ? limit / value : value / limit) : 0,
          .note = note});
  }

  void GiveTime(const std::string& what, double seconds, double limit,
                const std::string& note = {}) {
    row_({.what = what,
          .value = 1000 * seconds,
          .unit = "ms",
          .limit = 1000 * limit,
          .reached = limit > 0 ? limit / seconds : 0,
          .note = note});
  }

  static constexpr int kSteps = 12;
  static constexpr double kSlow_s = 15;

  const BenchOptions& options_;
  const std::function<void(const BenchRow&)>& row_;
  int threads_ = 1;
  std::unique_ptr<PairNetwork> pair_;
  M3Diff network_{nullptr};
  M3DiffConfig config_;
  torch::Device device_ = torch::kCPU;
  torch::ScalarType type_ = torch::kFloat32;
  std::int64_t weights_bytes_ = 0;
  double load_s_ = 0;
  double vision_s_ = 0;
  BenchFloors floors_;
  std::unique_ptr<StepDecoder> decoder_;
};

Status CheckOptions(const BenchOptions& options) {
  const bool known = options.dtype == "auto" || options.dtype == "fp32" ||
                     options.dtype == "bf16" || options.dtype == "int8";
  if (!known) {
    return InvalidArgument("--dtype " + options.dtype + ": wanted auto, fp32, bf16 or int8");
  }
  if (options.device != "auto" && options.device != "cpu" && options.device != "cuda") {
    return InvalidArgument("--device " + options.device + ": wanted auto, cpu or cuda");
  }
  if (options.shape.empty() == options.model_folder.empty()) {
    return InvalidArgument("bench: name a model folder or a --shape, one of them");
  }
  if (options.tokens < 1 || options.batches.empty() ||
      *std::min_element(options.batches.begin(), options.batches.end()) < 1) {
    return InvalidArgument("bench: tokens and batches must be 1 or more");
  }
  return {};
}

}  // namespace

Status Bench(const BenchOptions& options, const std::function<void(const BenchRow&)>& row) try {
  if (Status s = CheckOptions(options); !s.ok()) return s;
  return Bencher(options, row).Run();
} catch (...) {
  return DecoderFailure();
}

}  // namespace stillwatch::model
