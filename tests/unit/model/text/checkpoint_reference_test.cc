// The safetensors reader against files that Python's safetensors wrote.

#include <cstring>

#include <gtest/gtest.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/sha256.h"
#include "model/checkpoint/write_safetensors.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

class CheckpointReferenceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(folder_ / "model.safetensors")) GTEST_SKIP() << folder_ << " is not there";
  }

  const fs::path folder_ = SharedFolder() / "fixtures/onevision_tiny";
};

TEST_F(CheckpointReferenceTest, OpensEveryNamingWithAllItsTensors) {
  for (const char* name : {".", "naming_hf_old", "naming_hf_new", "naming_llava_next"}) {
    const auto checkpoint = Checkpoint::Open(folder_ / name);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->tensors().size(), 129U) << name;
  }
}

TEST_F(CheckpointReferenceTest, HoldsTheSameBytesUnderEachNaming) {
  const auto main = Checkpoint::Open(folder_);
  const auto renamed = Checkpoint::Open(folder_ / "naming_hf_new");
  ASSERT_TRUE(main && renamed);
  const TensorView* a = main->Find("language_model.model.embed_tokens.weight");
  const TensorView* b = renamed->Find("model.language_model.embed_tokens.weight");
  ASSERT_TRUE(a != nullptr && b != nullptr);
  EXPECT_EQ(Describe(a->dtype, a->shape), "F32 [617, 56]");
  ASSERT_EQ(a->bytes.size(), b->bytes.size());
  EXPECT_EQ(std::memcmp(a->bytes.data(), b->bytes.data(), a->bytes.size()), 0);
}

TEST_F(CheckpointReferenceTest, ReadsShardsThroughTheIndex) {
  const auto main = Checkpoint::Open(folder_);
  const auto shards = Checkpoint::Open(folder_ / "naming_llava_next");
  ASSERT_TRUE(main && shards);
  EXPECT_EQ(shards->files().size(), 2U);
  const TensorView* wide = main->Find("language_model.model.layers.2.mlp.up_proj.weight");
  const TensorView* narrow = shards->Find("model.layers.2.mlp.up_proj.weight");
  ASSERT_TRUE(wide != nullptr && narrow != nullptr);
  EXPECT_EQ(narrow->dtype, Dtype::kBF16);
  ASSERT_EQ(narrow->bytes.size() * 2, wide->bytes.size());
  for (std::size_t i = 0; i < narrow->bytes.size() / 2; ++i) {
    float exact = 0, rounded = 0;
    std::memcpy(&exact, wide->bytes.data() + 4 * i, 4);
    std::byte bits[4] = {std::byte{0}, std::byte{0}, narrow->bytes[2 * i],
                         narrow->bytes[2 * i + 1]};
    std::memcpy(&rounded, bits, 4);
    ASSERT_NEAR(rounded, exact, std::abs(exact) / 256) << i;  // bf16 keeps 8 bits.
  }
}

TEST_F(CheckpointReferenceTest, WritesTheReferenceFileBackByteForByte) {
  const auto file = SafetensorsFile::Open(folder_ / "expected.safetensors");
  ASSERT_TRUE(file) << file.error().message();
  std::vector<NamedTensor> tensors;
  for (const auto& [name, view] : file->tensors()) tensors.push_back({name, view});
  const fs::path copy = fs::path(testing::TempDir()) / "checkpoint_reference_copy.safetensors";
  const std::map<std::string, std::string> metadata(file->metadata().begin(),
                                                    file->metadata().end());
  const Status written = WriteSafetensors(copy, tensors, metadata);
  ASSERT_TRUE(written.ok()) << written.message();
  EXPECT_EQ(Sha256File(copy).value(), Sha256File(folder_ / "expected.safetensors").value());
}

}  // namespace
}  // namespace stillwatch::model
