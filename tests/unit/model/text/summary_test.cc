#include "model/checkpoint/summary.h"

#include <fstream>

#include <gtest/gtest.h>

#include "model/checkpoint/write_safetensors.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

Naming NamingOf(std::initializer_list<const char*> names) {
  TensorMap tensors;
  for (const char* name : names) tensors.emplace(name, TensorView{});
  return DetectNaming(tensors);
}

TEST(SummaryTest, TellsTheNamingsApart) {
  EXPECT_EQ(NamingOf({"language_model.model.embed_tokens.weight", "verdict.changed.weight",
                      "vision_tower.stem.weight"}),
            Naming::kStillwatch);
  EXPECT_EQ(NamingOf({"model.mm_projector.0.weight", "model.embed_tokens.weight"}),
            Naming::kLlavaNext);
  const char* const old_decoder = "language_model.model.embed_tokens.weight";
  EXPECT_EQ(NamingOf({old_decoder, "vision_tower.vision_model.embeddings.x"}), Naming::kHfOld);
  EXPECT_EQ(NamingOf({old_decoder, "vision_tower.embeddings.x"}), Naming::kHfOldNoWrap);
  const char* const new_decoder = "model.language_model.embed_tokens.weight";
  EXPECT_EQ(NamingOf({new_decoder, "model.vision_tower.vision_model.x"}), Naming::kHfNew);
  EXPECT_EQ(NamingOf({new_decoder, "model.vision_tower.embeddings.x"}), Naming::kHfNewNoWrap);
  EXPECT_EQ(NamingOf({old_decoder}), Naming::kUnknown);
  EXPECT_EQ(NamingOf({}), Naming::kUnknown);
}

class SummaryFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    static constexpr std::byte kBytes[24] = {};
    const std::span bytes(kBytes);
    const std::vector<NamedTensor> tensors = {
        {"language_model.model.embed_tokens.weight", {Dtype::kF32, {3, 2}, bytes}},
        {"language_model.model.layers.0.mlp.gate_proj.weight", {Dtype::kBF16, {2}, bytes.first(4)}},
        {"language_model.model.layers.10.mlp.gate_proj.weight",
         {Dtype::kBF16, {2}, bytes.first(4)}},
        {"mdp.expert_change_feature_extractor_model.linear_mapping.weight",
         {Dtype::kU8, {5}, bytes.first(5)}},
        {"mdp.layers.7.mlp.lin1.weight", {Dtype::kU8, {1}, bytes.first(1)}},
        {"verdict.changed.weight", {Dtype::kU8, {0}, {}}},
    };
    ASSERT_TRUE(WriteSafetensors(folder_ / "model.safetensors", tensors).ok());
  }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SummaryFolderTest, CountsTensorsParametersAndLayers) {
  std::ofstream(folder_ / "config.json") << R"({"name": "m3diff-test"})";
  const auto summary = Summarise(folder_);
  ASSERT_TRUE(summary) << summary.error().message();
  EXPECT_EQ(summary->architecture, "m3diff-test");
  EXPECT_EQ(Name(summary->naming), "stillwatch");
  EXPECT_EQ(summary->tensors, 6);
  EXPECT_EQ(summary->parameters, 6 + 2 + 2 + 5 + 1);
  EXPECT_EQ(summary->bytes, 24 + 4 + 4 + 5 + 1);
  EXPECT_EQ(summary->bytes_by_dtype.at(Dtype::kBF16), 8);
  EXPECT_EQ(summary->vocabulary, 3);
  EXPECT_EQ(summary->text_layers, 2);
  EXPECT_EQ(summary->vision_layers, 0);
  EXPECT_TRUE(summary->tied_head);
  EXPECT_TRUE(summary->has_mdp);
}

TEST_F(SummaryFolderTest, NeedsNoConfigButAWholeOneIfItIsThere) {
  const auto without = Summarise(folder_);
  ASSERT_TRUE(without) << without.error().message();
  EXPECT_EQ(without->architecture, "");
  std::ofstream(folder_ / "config.json") << R"({"name": )";
  const auto broken = Summarise(folder_);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(broken.error().message().find("config.json: no valid JSON"), std::string::npos);
}

TEST_F(SummaryFolderTest, SaysWhenThereAreNoWeights) {
  fs::remove(folder_ / "model.safetensors");
  const auto summary = Summarise(folder_);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code(), StatusCode::kNotFound);
}

TEST(SummaryReferenceTest, KnowsTheFoldersThatOthersWrote) {
  const fs::path folder = SharedFolder() / "fixtures/onevision_tiny";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
  struct Row {
    const char* name;
    Naming naming;
    const char* architecture;
    int files;
    Dtype dtype;
  };
  const char* const hugging_face = "LlavaOnevisionForConditionalGeneration";
  const Row rows[] = {
      {".", Naming::kHfOldNoWrap, hugging_face, 1, Dtype::kF32},
      {"naming_hf_old", Naming::kHfOld, hugging_face, 1, Dtype::kF32},
      {"naming_hf_new", Naming::kHfNew, hugging_face, 1, Dtype::kF32},
      {"naming_llava_next", Naming::kLlavaNext, "LlavaQwenForCausalLM", 2, Dtype::kBF16},
  };
  for (const Row& row : rows) {
    const auto summary = Summarise(folder / row.name);
    ASSERT_TRUE(summary) << summary.error().message();
    EXPECT_EQ(summary->naming, row.naming) << row.name;
    EXPECT_EQ(summary->architecture, row.architecture) << row.name;
    EXPECT_EQ(summary->files, row.files) << row.name;
    EXPECT_EQ(summary->tensors, 129) << row.name;
    EXPECT_EQ(summary->parameters, 281'116) << row.name;  // 562,232 bytes of bf16 in its index.
    EXPECT_EQ(summary->bytes_by_dtype.size(), 1U) << row.name;
    EXPECT_EQ(summary->bytes_by_dtype.count(row.dtype), 1U) << row.name;
    EXPECT_EQ(summary->vocabulary, 617) << row.name;
    EXPECT_EQ(summary->text_layers, 3) << row.name;
    EXPECT_EQ(summary->vision_layers, 5) << row.name;
    EXPECT_FALSE(summary->tied_head) << row.name;
    EXPECT_FALSE(summary->has_mdp) << row.name;
  }
}

}  // namespace
}  // namespace stillwatch::model
