// LoRA adapters over a made checkpoint.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/m3diff/weights_torch.h"
#include "tests/unit/model/net/tiny_family.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

constexpr const char* kModule = "language_model.model.layers.1.self_attn.q_proj";

struct Adapter {
  nlohmann::json config = {{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 6}, {"bias", "none"}};
  std::vector<TensorEntry> entries{};
};

// A change of one projection, as PEFT names it over a checkpoint of that naming.
Adapter MadeAdapter(Naming naming, const Tensor& a, const Tensor& b) {
  Adapter adapter;
  std::string module = NameIn(naming, std::string(kModule) + ".weight");
  module = "base_model.model." + module.substr(0, module.size() - 7);
  adapter.entries = {{module + ".lora_A.weight", a}, {module + ".lora_B.weight", b}};
  return adapter;
}

void Write(const fs::path& folder, const Adapter& adapter) {
  fs::create_directories(folder);
  WriteText(folder / "adapter_config.json", adapter.config.dump());
  ASSERT_TRUE(
      SaveTensors((folder / "adapter_model.safetensors").string(), adapter.entries, Dtype::kF32)
          .ok());
}

class LoraTest : public testing::Test {
 protected:
  // The weights of the folder, merged, by our names.
  Result<torch::OrderedDict<std::string, Tensor>> Load(const fs::path& folder,
                                                       const fs::path& adapter = {}) {
    const auto weights = NetworkWeights::Open(folder, adapter);
    if (!weights) return tl::unexpected(weights.error());
    const auto hf = ReadHfConfig(**weights, "onevision");
    if (!hf) return tl::unexpected(hf.error());
    M3Diff network(hf->config);
    if (Status s = BindWeights(*network, *weights, {}); !s.ok()) return tl::unexpected(s);
    return network->named_parameters();
  }

  std::string Complaint(const Adapter& adapter) {
    const fs::path folder = MakeTinyFamily();
    Write(folder / "adapter", adapter);
    const auto loaded = Load(folder, folder / "adapter");
    return loaded ? "" : loaded.error().message();
  }

  const Tensor a_ = torch::randn({2, 32});
  const Tensor b_ = torch::randn({32, 2});
};

TEST_F(LoraTest, MergesFromEveryNamingIntoEveryNaming) {
  for (const Naming file : {Naming::kHfNew, Naming::kLlavaNext}) {
    for (const Naming trained : {Naming::kHfOld, Naming::kHfNewNoWrap, Naming::kLlavaNext}) {
      const fs::path folder = MakeTinyFamily({.naming = file});
      const auto plain = Load(folder);
      ASSERT_TRUE(plain) << plain.error().message();
      Write(folder / "adapter", MadeAdapter(trained, a_, b_));
      const auto merged = Load(folder, folder / "adapter");
      ASSERT_TRUE(merged) << merged.error().message();
      for (const auto& item : *plain) {
        const Tensor wanted = item.key() == std::string(kModule) + ".weight"
                                  ? item.value() + 6.0 / 2 * torch::matmul(b_, a_)
                                  : item.value();
        EXPECT_LT((wanted - (*merged)[item.key()]).abs().max().item<double>(), 1e-5) << item.key();
      }
    }
  }
}

TEST_F(LoraTest, IsFoundBesideTheWeightsAndOnItsOwnBesideItsBase) {
  const fs::path folder = MakeTinyFamily();
  Adapter adapter = MadeAdapter(Naming::kHfNew, a_, b_);
  Write(folder / "adapter", adapter);
  const auto wanted = Load(folder, folder / "adapter");
  ASSERT_TRUE(wanted) << wanted.error().message();
  const std::string name = std::string(kModule) + ".weight";

  adapter.config["base_model_name_or_path"] = "..";
  Write(folder / "adapter", adapter);
  const auto alone = Load(folder / "adapter");
  ASSERT_TRUE(alone) << alone.error().message();
  EXPECT_TRUE(torch::equal((*alone)[name], (*wanted)[name]));

  Write(folder, adapter);
  const auto beside = Load(folder);
  ASSERT_TRUE(beside) << beside.error().message();
  EXPECT_TRUE(torch::equal((*beside)[name], (*wanted)[name]));
}

TEST_F(LoraTest, HeedsRootScalingPatternsAndReplacedTensors) {
  const fs::path folder = MakeTinyFamily();
  const auto plain = Load(folder);
  ASSERT_TRUE(plain);
  Adapter adapter = MadeAdapter(Naming::kHfNew, a_, b_);
  adapter.config["use_rslora"] = true;
  adapter.config["r"] = 8;
  adapter.config["rank_pattern"] = {{"layers.1.self_attn.q_proj", 2}};
  adapter.config["alpha_pattern"] = {{"q_proj", 4}};
  adapter.entries.push_back({"base_model.model.lm_head.weight", torch::full({310, 32}, 0.5)});
  Write(folder / "adapter", adapter);
  const auto merged = Load(folder, folder / "adapter");
  ASSERT_TRUE(merged) << merged.error().message();
  const std::string name = std::string(kModule) + ".weight";
  const Tensor wanted = (*plain)[name] + 4 / std::sqrt(2.0) * torch::matmul(b_, a_);
  EXPECT_LT((wanted - (*merged)[name]).abs().max().item<double>(), 1e-5);
  EXPECT_EQ((*merged)["language_model.lm_head.weight"].min().item<double>(), 0.5);
}

TEST_F(LoraTest, NamesWhatItCannotMerge) {
  const auto says = [&](const std::function<void(Adapter&)>& harm,
                        const std::vector<std::string>& words) {
    Adapter adapter = MadeAdapter(Naming::kHfNew, a_, b_);
    harm(adapter);
    const std::string message = Complaint(adapter);
    for (const std::string& word : words) {
      EXPECT_NE(message.find(word), std::string::npos) << "'" << word << "' not in: " << message;
    }
  };
  says([](Adapter& a) { a.config["peft_type"] = "IA3"; }, {"peft_type", "IA3"});
  says([](Adapter& a) { a.config["use_dora"] = true; }, {"use_dora"});
  says([](Adapter& a) { a.config["r"] = 3; }, {"rank 3", "q_proj"});
  says([](Adapter& a) { a.config["r"] = "big"; }, {"r: wanted"});
  says([](Adapter& a) { a.config.erase("lora_alpha"); }, {"lora_alpha"});
  says([](Adapter& a) { a.config["rank_pattern"] = {{".*q_proj", 2}}; }, {"rank_pattern"});
  says([](Adapter& a) { a.entries.pop_back(); }, {"lora_B.weight is missing", "q_proj"});
  says([](Adapter& a) { a.entries[0].tensor = torch::zeros({2, 31}); }, {"[32, 31]", "[32, 32]"});
  says([](Adapter& a) { a.entries[0].tensor = torch::zeros({2}); }, {"matrix", "lora_A"});
  says(
      [](Adapter& a) {
        for (TensorEntry& e : a.entries) {
          e.name.replace(e.name.find("layers.1"), 8, "layers.7");
        }
      },
      {"layers.7", "does not have"});
  says(
      [](Adapter& a) {
        a.entries.push_back({"base_model.model.other.weight", torch::ones({2})});
      },
      {"other.weight", "no part"});
  says(
      [](Adapter& a) {
        a.entries.push_back({"base_model.model.lm_head.weight", torch::ones({2, 2})});
      },
      {"lm_head", "[2, 2]", "[310, 32]"});
  says(
      [](Adapter& a) {
        a.entries.push_back({"base_model.model.model.language_model.embed_tokens.lora_embedding_A",
                             torch::ones({2, 2})});
      },
      {"lora_embedding_A", "lora_A.weight"});
}

TEST_F(LoraTest, AnAdapterWithoutItsBaseSaysWhatIsMissing) {
  const fs::path folder = TestFolder();
  Adapter adapter = MadeAdapter(Naming::kHfNew, a_, b_);
  adapter.config["base_model_name_or_path"] = "somebody/model-7b";
  Write(folder, adapter);
  const auto loaded = Load(folder);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), StatusCode::kNotFound);
  EXPECT_NE(loaded.error().message().find("somebody/model-7b"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::model
