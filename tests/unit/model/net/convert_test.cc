#include "model/m3diff/convert.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "model/checkpoint/summary.h"
#include "model/runtime/pair_network_torch.h"
#include "tests/unit/model/net/tiny_family.h"
#include "tests/unit/model/net/tiny_model.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

// Every weight of a folder by our names, in fp32, adapter merged.
torch::OrderedDict<std::string, Tensor> WeightsOf(const fs::path& folder,
                                                  const fs::path& adapter = {}) {
  const auto weights = NetworkWeights::Open(folder, adapter);
  EXPECT_TRUE(weights) << weights.error().message();
  const auto hf = ReadHfConfig(**weights, "ccexpert");
  EXPECT_TRUE(hf) << hf.error().message();
  M3Diff network(hf->config);
  EXPECT_TRUE(BindWeights(*network, *weights, {}).ok());
  return network->named_parameters();
}

void ExpectSame(const fs::path& a, const fs::path& b) {
  const auto first = WeightsOf(a);
  const auto second = WeightsOf(b);
  ASSERT_EQ(first.size(), second.size());
  for (const auto& item : first) EXPECT_TRUE(torch::equal(item.value(), second[item.key()]));
}

TEST(ConvertModelTest, EveryNamingLeadsToEveryOther) {
  const fs::path folder = MakeTinyFamily({.naming = Naming::kHfOld, .mdp = true});
  fs::path from = folder;
  for (const char* naming : {"llava-next", "hf-new-nowrap", "hf-new", "hf-old-nowrap", "hf-old"}) {
    const fs::path out = folder / naming;
    const auto report = ConvertModel({.model = from, .out = out, .naming = naming});
    ASSERT_TRUE(report) << naming << ": " << report.error().message();
    EXPECT_EQ(report->files, 1);
    const auto summary = Summarise(out);
    ASSERT_TRUE(summary);
    EXPECT_EQ(Name(summary->naming), naming);
    ExpectSame(folder, out);
    // The folder is whole: tokenizer and template came along.
    const auto network = PairNetwork::Open({.model_folder = out.string(), .preset = "onevision"});
    EXPECT_TRUE(network) << network.error().message();
    from = out;
  }
}

TEST(ConvertModelTest, CutsIntoShardsWithAnIndex) {
  const fs::path folder = MakeTinyFamily();
  const auto report =
      ConvertModel({.model = folder, .out = folder / "out", .max_shard_bytes = 20'000});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_GT(report->files, 3);
  EXPECT_TRUE(fs::exists(folder / "out" / "model.safetensors.index.json"));
  EXPECT_FALSE(fs::exists(folder / "out" / "model.safetensors"));
  ExpectSame(folder, folder / "out");
}

TEST(ConvertModelTest, ChangesTheTypeAndSaysSo) {
  const fs::path folder = MakeTinyFamily();
  ASSERT_TRUE(ConvertModel({.model = folder, .out = folder / "out", .dtype = "bf16"}));
  const auto summary = Summarise(folder / "out");
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->bytes_by_dtype.size(), 1u);
  EXPECT_TRUE(summary->bytes_by_dtype.contains(Dtype::kBF16));
  std::ifstream config(folder / "out" / "config.json");
  EXPECT_EQ(nlohmann::json::parse(config)["torch_dtype"], "bfloat16");
  const auto wide = WeightsOf(folder);
  const auto narrow = WeightsOf(folder / "out");
  for (const auto& item : wide) {
    EXPECT_TRUE(
        torch::equal(item.value().to(torch::kBFloat16).to(torch::kFloat32), narrow[item.key()]));
  }
}

TEST(ConvertModelTest, RefusesNumbersThatFp16CannotHold) {
  const fs::path folder = MakeTinyFamily({.naming = Naming::kHfNew, .harm = [](auto& entries) {
                                            for (auto& e : entries) {
                                              if (e.name == "lm_head.weight") {
                                                e.tensor = torch::full({310, 32}, 70000.0);
                                              }
                                            }
                                          }});
  const auto report = ConvertModel({.model = folder, .out = folder / "out", .dtype = "fp16"});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message().find("lm_head.weight"), std::string::npos);
  EXPECT_NE(report.error().message().find("fp16"), std::string::npos);
  // Not finished, so no model.
  EXPECT_FALSE(fs::exists(folder / "out" / "config.json"));
}

TEST(ConvertModelTest, MergesAnAdapterForGood) {
  const fs::path folder = MakeTinyFamily();
  fs::create_directories(folder / "adapter");
  WriteText(folder / "adapter" / "adapter_config.json",
            R"({"peft_type":"LORA","r":1,"lora_alpha":2})");
  const std::string module = "base_model.model.model.language_model.layers.0.mlp.up_proj.";
  ASSERT_TRUE(SaveTensors((folder / "adapter" / "adapter_model.safetensors").string(),
                          {{module + "lora_A.weight", torch::ones({1, 32})},
                           {module + "lora_B.weight", torch::ones({48, 1})}},
                          Dtype::kF32)
                  .ok());
  const auto report =
      ConvertModel({.model = folder, .adapter = folder / "adapter", .out = folder / "out"});
  ASSERT_TRUE(report) << report.error().message();
  const auto merged = WeightsOf(folder / "out");
  for (const auto& item : WeightsOf(folder, folder / "adapter")) {
    EXPECT_TRUE(torch::allclose(item.value(), merged[item.key()])) << item.key();
  }
}

TEST(ConvertModelTest, ConvertsNanosKindInItsOwnNaming) {
  const fs::path folder = TestFolder();
  M3Diff network(TinyConfig());
  std::vector<TensorEntry> entries;
  for (const auto& item : network->named_parameters())
    entries.push_back({item.key(), item.value()});
  ASSERT_TRUE(SaveTensors((folder / "model.safetensors").string(), entries, Dtype::kF32).ok());
  WriteText(folder / "config.json", ToJson(TinyConfig()));
  WriteTinyTokenizer(folder / "tokenizer.json");
  ASSERT_TRUE(ConvertModel({.model = folder, .out = folder / "out", .dtype = "fp16"}));
  EXPECT_TRUE(PairNetwork::Open({.model_folder = (folder / "out").string()}));
  const auto other = ConvertModel({.model = folder, .out = folder / "x", .naming = "hf-new"});
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message().find("verdict"), std::string::npos);
}

TEST(ConvertModelTest, NamesTheOptionThatIsWrongAndSparesWhatIsThere) {
  const fs::path folder = MakeTinyFamily();
  const auto says = [&](const ConvertOptions& options, const char* word) {
    const auto report = ConvertModel(options);
    ASSERT_FALSE(report) << word;
    EXPECT_EQ(report.error().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(report.error().message().find(word), std::string::npos) << report.error().message();
  };
  says({.model = folder, .out = folder / "out", .dtype = "int3"}, "int3");
  says({.model = folder, .out = folder / "out", .naming = "hugging"}, "hugging");
  says({.model = folder, .out = folder}, "there already");
  says({.model = folder, .out = folder / "out", .max_shard_bytes = 0}, "shard");
}

}  // namespace
}  // namespace stillwatch::model
