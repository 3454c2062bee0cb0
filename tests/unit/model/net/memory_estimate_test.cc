#include "model/train/memory_estimate.h"

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(MemoryEstimateTest, CountsWhatTheSevenBillionNetworkHas) {
  const auto size = FindNetworkSize("onevision-7b");
  ASSERT_TRUE(size);
  const MemoryEstimate lora = EstimateMemory(*size, {});
  // Counted from the checkpoint's shapes: 8.03 billion, 64 million of the module, 323 of LoRA; in
  // training LoRA, SigLIP (26 layers: 398), projector 17, module 64.
  EXPECT_NEAR(lora.parameters, 8.03e9 + 64e6 + 323e6, 0.02e9);
  EXPECT_NEAR(lora.trained, (323 + 398 + 17 + 64) * 1e6, 5e6);
  EXPECT_LT(lora.fixed_bytes, 40e9);
  EXPECT_GE(lora.pairs, 4);
  // Without LoRA it does not fit one GPU of 80 GB.
  EXPECT_EQ(EstimateMemory(*size, {.lora_rank = 0}).pairs, 0);
  // Recomputing is what makes room.
  EXPECT_GT(lora.pairs, EstimateMemory(*size, {.recompute = false}).pairs);
}

TEST(MemoryEstimateTest, KnowsTheSmallOneAndNoOther) {
  const auto small = FindNetworkSize("onevision-0.5b");
  ASSERT_TRUE(small);
  EXPECT_NEAR(EstimateMemory(*small, {.lora_rank = 0}).parameters, 0.96e9, 0.03e9);
  EXPECT_NE(Describe(*small, {}).find("pairs at once"), std::string::npos);
  EXPECT_FALSE(FindNetworkSize("onevision-72b"));
}

}  // namespace
}  // namespace stillwatch::model
