// LLaVA-OneVision's family on a made checkpoint: files, namings, presets.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/runtime/pair_network_torch.h"
#include "tests/unit/model/net/tiny_family.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

double Gap(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

// Owns what the pictures of a request borrow.
struct Scene {
  Scene() {
    for (int i = 0; i < 24 * 18 * 3; ++i) {
      before.push_back(static_cast<std::uint8_t>(i * 7 % 251));
      after.push_back(static_cast<std::uint8_t>(i * 13 % 241));
    }
    request.reference = {.rgb = before, .width = 24, .height = 18};
    request.current = {.rgb = after, .width = 24, .height = 18};
  }
  std::vector<std::uint8_t> before, after;
  CaptionRequest request;
};

// What the decoder of an opened folder reads of the scene; or why it does not open.
Result<Tensor> PromptOf(const CaptionerOptions& options) {
  const auto network = PairNetwork::Open(options);
  if (!network) return tl::unexpected(network.error());
  const torch::NoGradGuard no_grad;
  const Scene scene;
  const PixelRect whole = (*network)->CropOf(scene.request.current, {});
  return (*network)
      ->Ask((*network)->Look((*network)->See(scene.request.reference, whole)),
            (*network)->Look((*network)->See(scene.request.current, whole)), scene.request)
      .prompt.clone();
}

Result<Tensor> PromptOf(const fs::path& folder, const std::string& preset = "onevision") {
  return PromptOf(CaptionerOptions{.model_folder = folder.string(), .preset = preset});
}

std::string Complaint(const TinyFamilyOptions& options, const std::string& preset = "onevision") {
  const auto network =
      PairNetwork::Open({.model_folder = MakeTinyFamily(options).string(), .preset = preset});
  return network ? "" : network.error().message();
}

void ExpectSays(const std::string& message, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    EXPECT_NE(message.find(word), std::string::npos) << "'" << word << "' not in: " << message;
  }
}

TEST(FamilyTest, EveryNamingIsTheSameNetwork) {
  const auto first = PromptOf(MakeTinyFamily({.naming = Naming::kHfOldNoWrap}));
  ASSERT_TRUE(first) << first.error().message();
  for (const Naming naming :
       {Naming::kLlavaNext, Naming::kHfOld, Naming::kHfNew, Naming::kHfNewNoWrap}) {
    const auto other = PromptOf(MakeTinyFamily({.naming = naming}));
    ASSERT_TRUE(other) << Name(naming) << ": " << other.error().message();
    EXPECT_EQ(Gap(*first, *other), 0) << Name(naming);
  }
}

TEST(FamilyTest, APictureTakesItsTokensAndItsNewline) {
  const fs::path folder = MakeTinyFamily();
  const auto one = PairNetwork::Open({.model_folder = folder.string(), .preset = "onevision"});
  const auto flat = PairNetwork::Open({.model_folder = folder.string(), .preset = "ccexpert"});
  ASSERT_TRUE(one && flat);
  EXPECT_EQ((*one)->network()->PictureTokens(), 4 * 4 + 1);
  EXPECT_EQ((*flat)->network()->PictureTokens(), 4 * 4);
  const auto prompt = PromptOf(folder, "onevision");
  ASSERT_TRUE(prompt);
  EXPECT_EQ(prompt->size(1),
            static_cast<std::int64_t>((*one)->conversation().size()) + 2 * (4 * 4 + 1) - 2);
  EXPECT_EQ((*one)->stop_ids(), std::vector<int>{300});
}

// The promise of the default preset: training starts from stock OneVision.
TEST(FamilyTest, PresetM3diffAtItsStartSpeaksAsStockOnevisionDoes) {
  const torch::NoGradGuard no_grad;
  M3DiffConfig config = TinyFamilyConfig();
  M3Diff stock = TinyFamilyNetwork(config);
  config.mdp.preset = "m3diff";
  torch::manual_seed(7);
  M3Diff fresh(config);
  auto from = stock->named_parameters();
  for (auto& item : fresh->named_parameters()) {
    if (from.contains(item.key())) item.value().copy_(from[item.key()]);
  }
  const Tensor pictures = torch::rand({2, 3, 30, 30}) * 255;
  const Tensor ids = torch::tensor({5, 302, 302, 9, 4}, torch::kInt64);
  const auto prompt = [&](M3Diff& network) {
    return network->Conversation(
        network->Observe(pictures.narrow(0, 0, 1), pictures.narrow(0, 1, 1), {}), ids);
  };
  const Tensor ours = prompt(fresh);
  EXPECT_EQ(Gap(ours, prompt(stock)), 0);
  EXPECT_EQ(fresh->Write(ours, 12), stock->Write(prompt(stock), 12));
  // It does not stay so: the module is there and learns.
  for (auto& item : fresh->named_parameters()) {
    if (item.key().starts_with("mdp.")) item.value().add_(0.1);
  }
  EXPECT_GT(Gap(prompt(fresh), ours), 1e-3);
}

TEST(FamilyTest, ADifferenceModuleInTheFilesIsUsedAsThePresetSays) {
  for (const Naming naming : {Naming::kLlavaNext, Naming::kHfNew, Naming::kHfOld}) {
    const fs::path folder = MakeTinyFamily({.naming = naming, .mdp = true});
    std::vector<Tensor> prompts;
    for (const char* preset : {"m3diff", "paper", "ccexpert"}) {
      const auto prompt = PromptOf(folder, preset);
      ASSERT_TRUE(prompt) << preset << ": " << prompt.error().message();
      for (const Tensor& other : prompts) EXPECT_GT(Gap(*prompt, other), 1e-4) << preset;
      prompts.push_back(*prompt);
    }
    EXPECT_TRUE(PromptOf(folder, "onevision"));
  }
}

TEST(FamilyTest, WithoutADifferenceModuleTheLayoutRemainsAndPaperIsRefused) {
  const fs::path folder = MakeTinyFamily();
  const auto m3diff = PromptOf(folder, "m3diff");
  const auto ccexpert = PromptOf(folder, "ccexpert");
  ASSERT_TRUE(m3diff && ccexpert);
  EXPECT_EQ(Gap(*m3diff, *ccexpert), 0);
  const auto network = PairNetwork::Open({.model_folder = folder.string(), .preset = "ccexpert"});
  ASSERT_TRUE(network);
  ASSERT_EQ((*network)->notes().size(), 1u);
  ExpectSays((*network)->notes()[0], {"no difference module"});
  ExpectSays(Complaint({}, "paper"), {"no difference module", "paper"});
  ExpectSays(Complaint({}, "onvision"), {"onvision", "onevision"});
}

TEST(FamilyTest, SixteenBitWeightsStayInTheFilesMapping) {
  for (const Dtype dtype : {Dtype::kBF16, Dtype::kF16, Dtype::kF32}) {
    const fs::path folder = MakeTinyFamily({.dtype = dtype});
    const auto weights = NetworkWeights::Open(folder);
    ASSERT_TRUE(weights) << weights.error().message();
    const auto hf = ReadHfConfig(**weights, "onevision");
    ASSERT_TRUE(hf) << hf.error().message();
    const auto type = dtype == Dtype::kBF16  ? torch::kBFloat16
                      : dtype == Dtype::kF16 ? torch::kFloat16
                                             : torch::kFloat32;
    M3Diff network{nullptr};
    {
      const WithoutWeights scope;
      network = M3Diff(hf->config);
    }
    ASSERT_TRUE(BindWeights(*network, *weights, {.dtype = type}).ok());
    auto parameters = network->named_parameters();
    for (const auto& item : parameters) {
      EXPECT_EQ(item.value().scalar_type(), type);
      const bool joined = item.key().starts_with("language_model.") &&
                          (item.key().find("q_proj") != std::string::npos ||
                           item.key().find("k_proj") != std::string::npos ||
                           item.key().find("v_proj") != std::string::npos ||
                           item.key().find("gate_proj") != std::string::npos ||
                           item.key().find("up_proj") != std::string::npos);
      const void* in_file = (*weights)->Find(item.key())->view.bytes.data();
      EXPECT_EQ(item.value().data_ptr() == in_file, !joined) << item.key();
    }
    // What the decoder multiplies as one matrix lies in one piece.
    const auto end = [&](const std::string& name) {
      const Tensor& t = parameters["language_model.model.layers.0." + name];
      return static_cast<const char*>(t.data_ptr()) + t.nbytes();
    };
    const auto begin = [&](const std::string& name) {
      return static_cast<const char*>(
          parameters["language_model.model.layers.0." + name].data_ptr());
    };
    EXPECT_EQ(end("self_attn.q_proj.weight"), begin("self_attn.k_proj.weight"));
    EXPECT_EQ(end("self_attn.k_proj.bias"), begin("self_attn.v_proj.bias"));
    EXPECT_EQ(end("mlp.gate_proj.weight"), begin("mlp.up_proj.weight"));
    // In another type they are copies.
    ASSERT_TRUE(BindWeights(*network, *weights, {.dtype = torch::kFloat64}).ok());
    EXPECT_NE(network->parameters()[0].data_ptr(),
              (*weights)->Find(network->named_parameters()[0].key())->view.bytes.data());
  }
}

TEST(FamilyTest, TheMappingLivesAsLongAsTheWeights) {
  const fs::path folder = MakeTinyFamily();
  Tensor words;
  {
    const auto network = PairNetwork::Open(
        {.model_folder = folder.string(), .preset = "onevision", .dtype = "fp32"});
    ASSERT_TRUE(network);
    words = (*network)->network()->named_parameters()["language_model.model.embed_tokens.weight"];
  }
  EXPECT_TRUE(std::isfinite(words.sum().item<double>()));
}

TEST(FamilyTest, TheHeadIsTiedWhereTheFileHasNone) {
  const fs::path folder = MakeTinyFamily({.tied = true});
  const auto network = PairNetwork::Open({.model_folder = folder.string()});
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_TRUE((*network)->config().text.tie_word_embeddings);
  // A head that is missing although the config wants one was lost.
  ExpectSays(Complaint({.tied = true, .lie = [](auto& c) { c["tie_word_embeddings"] = false; }}),
             {"lm_head.weight", "missing", "tie_word_embeddings"});
}

TEST(FamilyTest, TheVocabularyComesFromTheWeights) {
  const fs::path folder =
      MakeTinyFamily({.lie = [](auto& c) { c["text_config"]["vocab_size"] = 305; }});
  const auto network = PairNetwork::Open({.model_folder = folder.string()});
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_EQ((*network)->config().text.vocab_size, 310);
  ExpectSays((*network)->notes()[0], {"305", "310"});
}

TEST(FamilyTest, AConfigThatContradictsTheWeightsIsNamed) {
  struct Lie {
    const char* pointer;
    nlohmann::json value;
    std::vector<std::string> words;
  };
  const Lie lies[] = {
      {"/text_config/hidden_size", 64, {"text_config.hidden_size", "64", "embed_tokens"}},
      {"/text_config/intermediate_size", 47, {"text_config.intermediate_size", "gate_proj"}},
      {"/text_config/num_hidden_layers", 3, {"text_config.num_hidden_layers", "hold 2"}},
      {"/text_config/num_hidden_layers", 1, {"text_config.num_hidden_layers", "hold 2"}},
      {"/text_config/num_attention_heads", 5, {"text_config.num_attention_heads", "q_proj"}},
      {"/text_config/num_key_value_heads", 1, {"text_config.num_key_value_heads", "k_proj"}},
      {"/text_config/num_attention_heads", "x", {"text_config.num_attention_heads", "wanted"}},
      {"/text_config/rms_norm_eps", 7, {"text_config.rms_norm_eps", "wanted"}},
      {"/text_config/hidden_act", "gelu", {"text_config.hidden_act", "silu"}},
      {"/text_config/use_sliding_window", true, {"text_config.use_sliding_window"}},
      {"/text_config/rope_scaling", {{"type", "yarn"}}, {"rope_scaling.type", "yarn"}},
      {"/text_config/rope_parameters", {{"rope_type", "yarn"}}, {"rope_parameters.rope_type"}},
      {"/text_config/layer_types", {"sliding_attention"}, {"layer_types", "sliding_attention"}},
      {"/vision_config/hidden_size", 32, {"vision_config.hidden_size", "patch_embedding"}},
      {"/vision_config/patch_size", 14, {"vision_config.patch_size", "patch_embedding"}},
      {"/vision_config/image_size", 56, {"vision_config.image_size", "position_embedding"}},
      {"/vision_config/num_hidden_layers", 5, {"vision_config.num_hidden_layers", "hold 4"}},
      {"/vision_config/num_hidden_layers", 3, {"vision_config.num_hidden_layers", "hold 4"}},
      {"/vision_config/num_attention_heads", 3, {"vision_config.num_attention_heads"}},
      {"/vision_config/hidden_act", "gelu", {"vision_config.hidden_act"}},
      {"/vision_config", 3, {"vision_config", "object"}},
      {"/projector_hidden_act", "relu", {"projector_hidden_act"}},
      {"/vision_feature_layer", -9, {"vision_feature_layer"}},
      {"/vision_feature_layer", {1, 2}, {"vision_feature_layer"}},
      {"/vision_feature_select_strategy", "default", {"vision_feature_select_strategy"}},
      {"/eos_token_id", 5000, {"eos_token_id", "310"}},
      {"/image_token_id", -4, {"image_token_id"}},
      {"/model_type", "blip", {"model_type", "blip"}},
  };
  for (const Lie& lie : lies) {
    const std::string message = Complaint({.lie = [&](auto& config) {
      config[nlohmann::json::json_pointer(lie.pointer)] = lie.value;
    }});
    ASSERT_FALSE(message.empty()) << lie.pointer << " was believed";
    ExpectSays(message, lie.words);
  }
  ExpectSays(Complaint({.lie = [](auto& c) { c["text_config"].erase("num_attention_heads"); }}),
             {"num_attention_heads", "missing"});
}

TEST(FamilyTest, ATensorThatDoesNotFitIsNamedAsTheFileNamesIt) {
  const auto with = [](const std::string& name, const Tensor& tensor) {
    return Complaint({.naming = Naming::kLlavaNext, .harm = [&](auto& entries) {
                        std::erase_if(entries, [&](const auto& e) { return e.name == name; });
                        if (tensor.defined()) entries.push_back({name, tensor});
                      }});
  };
  ExpectSays(with("model.layers.1.self_attn.k_proj.bias", {}),
             {"model.layers.1.self_attn.k_proj.bias", "missing", "[16]"});
  ExpectSays(with("model.mm_projector.2.weight", torch::zeros({3, 3})),
             {"model.mm_projector.2.weight", "[3, 3]", "[32, 32]"});
  ExpectSays(with("model.norm.weight", torch::zeros({32}, torch::kInt64)),
             {"model.norm.weight", "I64", "F32"});
  ExpectSays(with("model.embed_tokens.weight", {}), {"model.embed_tokens.weight", "missing"});
  ExpectSays(with("model.embed_tokens.weight", torch::zeros({310})),
             {"model.embed_tokens.weight", "2 sizes"});
  ExpectSays(with("model.image_newline", {}), {"model.image_newline", "missing"});
  ExpectSays(with("model.layers.0.self_attn.o_proj.bias", torch::zeros({32})),
             {"model.layers.0.self_attn.o_proj.bias", "no part"});
  ExpectSays(with("language_model.model.norm.weight", torch::zeros({32})),
             {"language_model.model.norm.weight", "model.norm.weight", "another name"});
  // What real files carry and nobody needs is passed over.
  for (const char* name :
       {"model.layers.0.self_attn.rotary_emb.inv_freq", "model.mm_cc_projector.0.weight",
        "model.vision_tower.vision_tower.vision_model.post_layernorm.weight",
        "model.vision_tower.vision_tower.vision_model.head.probe"}) {
    EXPECT_EQ(with(name, torch::zeros({4})), "") << name;
  }
}

TEST(FamilyTest, CaptionsWithoutAVerdictSayThatNothingIsCalibrated) {
  const fs::path folder = MakeTinyFamily();
  CaptionerOptions options{
      .model_folder = folder.string(), .threads = 1, .max_tokens = 9, .preset = "onevision"};
  options.stop = false;
  const auto captioner = OpenCaptioner(options);
  ASSERT_TRUE(captioner) << captioner.error().message();
  const Scene scene;
  const auto result = (*captioner)->Caption(scene.request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->ids.size(), 9u);  // Forced length.
  EXPECT_FALSE(result->calibrated);
  EXPECT_EQ(result->kind, ChangeKind::kOther);
  EXPECT_EQ(result->changed, result->changed_probability > 0.5);
  EXPECT_GE(result->confidence, 0.5);
  EXPECT_EQ(result->prompt_ids, PromptOf(folder)->size(1));
  // The words are those of the network's own greedy loop.
  const auto network = PairNetwork::Open({.model_folder = folder.string(), .preset = "onevision"});
  ASSERT_TRUE(network);
  const torch::NoGradGuard no_grad;
  const auto written = (*network)->network()->Write(*PromptOf(folder), 9)[0];
  EXPECT_TRUE(std::equal(written.begin(), written.end(), result->ids.begin()));
}

TEST(FamilyTest, AFolderOfOursHoldsTheSameNetwork) {
  const fs::path folder = MakeTinyFamily({.naming = Naming::kHfOldNoWrap});
  const auto wanted = PromptOf(folder);
  ASSERT_TRUE(wanted) << wanted.error().message();
  WriteText(folder / "config.json", ToJson(TinyFamilyConfig()));
  const auto ours = PromptOf(CaptionerOptions{.model_folder = folder.string()});
  ASSERT_TRUE(ours) << ours.error().message();
  EXPECT_EQ(Gap(*ours, *wanted), 0);
}

TEST(FamilyTest, OptionsThatDoNotFitAreNamed) {
  const fs::path folder = MakeTinyFamily();
  const auto says = [&](CaptionerOptions options, const std::vector<std::string>& words) {
    options.model_folder = folder.string();
    const auto network = PairNetwork::Open(options);
    ASSERT_FALSE(network);
    ExpectSays(network.error().message(), words);
  };
  says({.dtype = "fp8"}, {"--dtype fp8", "bf16"});
  says({.device = "tpu"}, {"--device tpu", "cuda"});
  says({.adapter = "/nowhere"}, {"/nowhere"});
  says({.question = "<image> alone"}, {"<image>", "2"});
  fs::remove(folder / "chat_template.jinja");
  says({.preset = "onevision"}, {"chat template", "chat_template.jinja"});
  WriteText(folder / "chat_template.jinja", "{% macro m() %}{% endmacro %}");
  says({.preset = "onevision"}, {"cannot be understood", "macro"});
  // The other presets bring their own conversation.
  EXPECT_TRUE(PairNetwork::Open({.model_folder = folder.string(), .preset = "m3diff"}));
}

// The most memory this process has had, and has now, in MB.
double Memory(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stod(line.substr(line.find(':') + 1)) / 1024;
  }
  return 0;
}

// Run alone, because a process has one peak:
//   scripts/make_checkpoint.py --shape 0.5b /tmp/shaped
//   STILLWATCH_SHAPED=/tmp/shaped model_net_test --gtest_filter='MemoryTest.*'
// STILLWATCH_DTYPE chooses the type (default bf16, as the file has it).
TEST(MemoryTest, ACheckpointTakesItsWeightsAndLittleMore) {
  const char* folder = std::getenv("STILLWATCH_SHAPED");
  if (folder == nullptr) GTEST_SKIP() << "STILLWATCH_SHAPED names no made checkpoint";
  const char* dtype = std::getenv("STILLWATCH_DTYPE");
  const CaptionerOptions options{
      .model_folder = folder, .preset = "onevision", .dtype = dtype != nullptr ? dtype : "bf16"};
  const auto network = PairNetwork::Open(options);
  ASSERT_TRUE(network) << network.error().message();
  double weights = 0;
  double sum = 0;
  for (const Tensor& parameter : (*network)->network()->parameters()) {
    weights += static_cast<double>(parameter.nbytes()) / (1 << 20);
    // Every page is read: what lies in the mapping is memory, too.
    sum += parameter.flatten()
               .slice(0, 0, parameter.numel(), 512)
               .to(torch::kFloat32)
               .sum()
               .item<double>();
  }
  EXPECT_TRUE(std::isfinite(sum));
  const double loaded = Memory("VmHWM");
  std::printf("weights %.0f MB, peak when loaded %.0f MB: %.3f times\n", weights, loaded,
              loaded / weights);
  EXPECT_LE(loaded, 1.15 * weights);
  const c10::InferenceMode inference;
  const Scene scene;
  const PixelRect whole = (*network)->CropOf(scene.request.current, {});
  const Tensor prompt =
      (*network)
          ->Ask((*network)->Look((*network)->See(scene.request.reference, whole)),
                (*network)->Look((*network)->See(scene.request.current, whole)), scene.request)
          .prompt;
  (*network)->network()->Write(prompt, 2);
  const double captioned = Memory("VmHWM");
  std::printf("after %lld prompt tokens and 2 of a caption %.0f MB: weights and %.0f MB\n",
              static_cast<long long>(prompt.size(1)), captioned, captioned - weights);
  EXPECT_LE(captioned, 1.15 * weights + 2048);
}

}  // namespace
}  // namespace stillwatch::model
