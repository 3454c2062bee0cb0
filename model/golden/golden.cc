#include "model/golden/golden.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <system_error>

#include <torch/torch.h>

#include "model/m3diff/attention_torch.h"
#include "model/m3diff/hf_config.h"
#include "model/m3diff/m3diff_torch.h"
#include "model/prompt/conversation.h"
#include "model/tokenizer/tokenizer.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

constexpr double kFloats = 1e-4;  // The fixtures' own tolerance.
constexpr double kMdp = 2e-5;     // Tight enough to notice a wrong GELU or epsilon.
constexpr double kPixelsAllowed = 1e-6;

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// The tensors that a reference computed.
class Expected {
 public:
  explicit Expected(Checkpoint checkpoint) : checkpoint_(std::move(checkpoint)) {}
  bool Has(const std::string& name) const { return checkpoint_.Find(name) != nullptr; }
  // In fp32, or int64 for integers; empty where there is none.
  Tensor Get(const std::string& name) const {
    const TensorView* view = checkpoint_.Find(name);
    if (view == nullptr) return torch::empty({0});
    if (view->dtype == Dtype::kU8) {
      auto* bytes = const_cast<std::byte*>(view->bytes.data());
      return torch::from_blob(bytes, view->shape, torch::kUInt8).to(torch::kFloat32);
    }
    auto tensor = ToTensor(*view, name);
    return tensor ? *tensor : torch::empty({0});
  }

 private:
  Checkpoint checkpoint_;
};

double Gap(const Tensor& ours, const Tensor& theirs) {
  if (ours.sizes() != theirs.sizes()) return std::numeric_limits<double>::infinity();
  const double gap =
      (ours.to(torch::kFloat64) - theirs.to(torch::kFloat64)).abs().max().item<double>();
  return gap == gap ? gap : std::numeric_limits<double>::infinity();
}

double Unequal(const Tensor& ours, const Tensor& theirs) {
  if (ours.sizes() != theirs.sizes()) return std::numeric_limits<double>::infinity();
  return static_cast<double>((ours != theirs).sum().item<std::int64_t>());
}

Tensor ToIds(const std::vector<int>& ids) {
  return torch::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()), torch::kInt64);
}

// One checkpoint of onevision_tiny, loaded for one layout.
class OnevisionRun {
 public:
  OnevisionRun(M3Diff network, const Tokenizer& tokenizer, const Expected& expected,
               std::string label, GoldenReport& report)
      : network_(std::move(network)),
        tokenizer_(tokenizer),
        expected_(expected),
        label_(std::move(label)),
        report_(report) {}

  // `key`: "onevision.pair1" and the like; `rounded`: the weights' own key prefix, or empty.
  Status Run(const std::string& key, const std::string& rounded, const std::string& text) {
    const std::string where = label_ + " " + key + " ";
    const int image = network_->config().prompt.image_token_id;
    const auto ids = EncodeConversation(tokenizer_, text, image);
    if (!ids) return ids.error();
    const bool repeated = network_->config().prompt.newline;
    const std::vector<int> shown =
        repeated ? ExpandPictures(*ids, image, network_->PictureTokens()) : *ids;
    Add(where + "input ids", Unequal(ToIds(shown), expected_.Get(key + ".input_ids")), 0);

    const Tensor pictures = expected_.Get(key + ".resized_u8");
    const bool exact = rounded.empty();  // Of rounded weights only logits and ids are known.
    const VisionConfig& vision = network_->config().vision;
    if (expected_.Has(key + ".pixel_values")) {
      Add(where + "pixel values",
          Gap((pictures - vision.pixel_mean) / vision.pixel_scale,
              expected_.Get(key + ".pixel_values")),
          kPixelsAllowed);
    }
    if (exact) {
      Add(where + "tower",
          Gap(torch::stack(network_->tower().States(pictures)),
              expected_.Get(key + ".siglip_hidden_states")),
          kFloats);
    }
    const Observation seen =
        network_->Observe(pictures.narrow(0, 0, 1), pictures.narrow(0, 1, 1), {});
    const Tensor prompt = network_->Conversation(seen, ToIds(*ids));
    if (exact) {
      Add(where + "projector", Gap(Pictures(prompt, *ids), expected_.Get(key + ".projector")),
          kFloats);
    }
    if (exact && expected_.Has(key + ".llm_states")) {
      std::vector<Tensor> states;
      network_->decoder()(prompt, nullptr, &states);
      Add(where + "decoder",
          Gap(torch::stack(states).squeeze(1), expected_.Get(key + ".llm_states")), kFloats);
    }
    const std::string answer = rounded + key;
    const Tensor wanted = expected_.Get(answer + ".greedy_ids");
    const auto [said, logits] = Speak(prompt, wanted.size(0));
    Add(where + "first logits", Gap(logits[0], expected_.Get(answer + ".prefill_logits_last")),
        kFloats);
    if (exact) {
      Add(where + "all logits", Gap(logits, expected_.Get(answer + ".step_logits")), kFloats);
    }
    Add(where + "greedy ids", Unequal(said, wanted), 0);
    return {};
  }

 private:
  void Add(std::string name, double difference, double allowed) {
    report_.checks.push_back(
        {.name = std::move(name), .difference = difference, .allowed = allowed});
  }

  // The two pictures' rows of a prompt, without newlines: [2, tokens, hidden].
  Tensor Pictures(const Tensor& prompt, const std::vector<int>& ids) const {
    const std::int64_t tokens =
        static_cast<std::int64_t>(network_->config().vision.grid) * network_->config().vision.grid;
    std::vector<Tensor> rows;
    std::int64_t at = 0;
    for (const int id : ids) {
      if (id == network_->config().prompt.image_token_id) {
        rows.push_back(prompt[0].slice(0, at, at + tokens));
        at += network_->PictureTokens();
      } else {
        ++at;
      }
    }
    return torch::stack(rows);
  }

  // Greedy ids and the logits that chose each.
  std::pair<Tensor, Tensor> Speak(const Tensor& prompt, std::int64_t count) {
    Qwen2& decoder = network_->decoder();
    KvCache cache = decoder->MakeCache(1, prompt.size(1) + count);
    std::vector<Tensor> logits;
    std::vector<Tensor> ids;
    Tensor hidden = decoder(prompt, &cache).slice(1, prompt.size(1) - 1);
    for (std::int64_t i = 0; i < count; ++i) {
      logits.push_back(decoder->Logits(hidden)[0][0]);
      ids.push_back(logits.back().argmax());
      if (i + 1 < count) hidden = decoder(decoder->Embed(ids.back().view({1, 1})), &cache);
    }
    return {torch::stack(ids), torch::stack(logits)};
  }

  M3Diff network_;
  const Tokenizer& tokenizer_;
  const Expected& expected_;
  const std::string label_;
  GoldenReport& report_;
};

// The same network with a difference module at its start.
M3Diff WithFreshMdp(M3Diff& stock) {
  M3DiffConfig config = stock->config();
  config.mdp.preset = "m3diff";
  config.mdp.hidden = 4 * config.mdp.width;
  torch::manual_seed(131);
  M3Diff fresh(config);
  const auto from = stock->named_parameters();
  for (auto& item : fresh->named_parameters()) {
    const Tensor* known = from.find(item.key());
    if (known != nullptr) item.value().copy_(*known);
  }
  return fresh;
}

Status RunOnevision(const fs::path& folder, GoldenReport& report) {
  auto checkpoint = Checkpoint::Open(folder / "expected.safetensors");
  if (!checkpoint) return checkpoint.error();
  const Expected expected(std::move(*checkpoint));
  const auto tokenizer = Tokenizer::Load(folder);
  if (!tokenizer) return tokenizer.error();
  const auto chat = ChatTemplate::Load(folder);
  if (!chat) return chat.error();
  const std::string onevision = chat->Render(kChatQuestion);
  const std::string ccexpert = CcexpertConversation(kCcexpertQuestion);

  for (const char* name : {".", "naming_hf_old", "naming_hf_new", "naming_llava_next"}) {
    if (!Exists(folder / name / "config.json")) continue;
    const auto weights = NetworkWeights::Open(folder / name);
    if (!weights) return weights.error();
    const bool rounded = (*weights)->entries().begin()->second.view.dtype == Dtype::kBF16;
    for (const char* preset : {"onevision", "ccexpert", "m3diff"}) {
      auto hf = ReadHfConfig(**weights, preset);
      if (!hf) return hf.error();
      const std::string label =
          std::string(Name((*weights)->naming())) + (rounded ? " (bf16, sharded)" : "");
      const bool chat_layout = hf->config.prompt.newline;
      int& image = hf->config.prompt.image_token_id;
      if (image < 0) image = tokenizer->TokenId(kImageMark).value_or(-1);
      M3Diff network{nullptr};
      {
        const WithoutWeights scope;
        network = M3Diff(hf->config);
      }
      if (Status s = BindWeights(*network, *weights, {}); !s.ok()) return s;
      // Preset m3diff promises that a module nobody has trained changes nothing.
      if (std::string(preset) == "m3diff") network = WithFreshMdp(network);
      OnevisionRun run(network, *tokenizer, expected,
                       label + (std::string(preset) == "m3diff" ? " with an untrained MDP" : ""),
                       report);
      for (const char* pair : {"pair1", "pair2"}) {
        const std::string key = std::string(chat_layout ? "onevision." : "ccexpert.") + pair;
        const Status s =
            run.Run(key, rounded ? "bf16_weights." : "", chat_layout ? onevision : ccexpert);
        if (!s.ok()) return s;
      }
    }
  }
  return {};
}

Status RunMdp(const fs::path& folder, GoldenReport& report) {
  auto checkpoint = Checkpoint::Open(folder / "mdp.safetensors");
  if (!checkpoint) return checkpoint.error();
  Mdp mdp(MdpConfig{.preset = "ccexpert", .width = 256, .heads = 2, .hidden = 1024});
  if (Status s = LoadWeights(*mdp, *checkpoint); !s.ok()) return s;
  const Expected expected(std::move(*checkpoint));
  const auto get = [&](const std::string& name) { return expected.Get(name); };
  const auto add = [&](const char* name, const Tensor& ours, const std::string& theirs) {
    report.checks.push_back({.name = std::string("ccexpert mdp ") + name,
                             .difference = Gap(ours, get(theirs)),
                             .allowed = kMdp});
  };
  std::vector<Tensor> a;
  std::vector<Tensor> b;
  for (int i = 0; i < kScales; ++i) {
    a.push_back(get("inputs.a." + std::to_string(i)));
    b.push_back(get("inputs.b." + std::to_string(i)));
  }
  MdpTrace trace;
  const MdpOutput out = mdp->forward(a, b, &trace);
  add("position", SinePosition(5, 256), "intermediate.position_embedding");
  add("block 1 delta", trace.delta, "intermediate.block1.delta");
  add("block 1 reference", trace.reference, "intermediate.block1.a");
  add("block 1 current", trace.current, "intermediate.block1.b");
  add("block 1 change", trace.change, "intermediate.block1.queries");
  add("gates", out.gates, "intermediate.gates");
  add("reference", out.reference, "outputs.a");
  add("current", out.current, "outputs.b");
  add("change", out.change, "outputs.queries");
  return {};
}

}  // namespace

bool GoldenReport::passed() const {
  return std::all_of(checks.begin(), checks.end(), [](const GoldenCheck& c) { return c.passed(); });
}

std::string GoldenReport::ToText() const {
  std::string text;
  for (const GoldenCheck& check : checks) {
    char line[200];
    std::snprintf(line, sizeof line, "%-4s %-66s %9.2e (allowed %.0e)\n",
                  check.passed() ? "ok" : "FAIL", check.name.c_str(), check.difference,
                  check.allowed);
    text += line;
  }
  return text;
}

Result<GoldenReport> RunGolden(const fs::path& folder) try {
  const torch::NoGradGuard no_grad;
  GoldenReport report;
  if (Exists(folder / "ccexpert_mdp")) {
    if (Status s = RunMdp(folder / "ccexpert_mdp", report); !s.ok()) return Failure(s);
  }
  if (Exists(folder / "onevision_tiny")) {
    if (Status s = RunOnevision(folder / "onevision_tiny", report); !s.ok()) return Failure(s);
  }
  if (report.checks.empty()) {
    return NotFound(folder.string() + ": holds neither onevision_tiny nor ccexpert_mdp");
  }
  return report;
} catch (const std::exception& e) {
  return Internal(std::string("LibTorch: ") + e.what());
}

}  // namespace stillwatch::model
