#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/m3diff/m3diff_torch.h"
#include "model/m3diff/qwen2_torch.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

double Gap(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(Qwen2Test, TokenByTokenWithACacheEqualsOnePass) {
  torch::manual_seed(4);
  const torch::NoGradGuard no_grad;
  Qwen2 decoder(TextConfig{.vocab_size = 50,
                           .hidden_size = 48,
                           .intermediate_size = 64,
                           .num_hidden_layers = 3,
                           .num_attention_heads = 6,
                           .num_key_value_heads = 2,
                           .head_dim = 8});
  for (Tensor& parameter : decoder->parameters()) {
    parameter.add_(0.3 * torch::randn_like(parameter));
  }
  const Tensor ids = torch::randint(50, {2, 11});
  const Tensor words = decoder->Embed(ids);
  const Tensor whole = decoder(words);
  KvCache cache = decoder->MakeCache(2, 11);
  std::vector<Tensor> pieces = {decoder(words.slice(1, 0, 6), &cache)};
  for (std::int64_t i = 6; i < 11; ++i) {
    pieces.push_back(decoder(words.slice(1, i, i + 1), &cache));
  }
  EXPECT_EQ(cache.length, 11);
  EXPECT_LT(Gap(whole, torch::cat(pieces, 1)), 1e-4);
  // Causal: what comes later changes nothing before it.
  EXPECT_LT(Gap(whole.slice(1, 0, 6), decoder(words.slice(1, 0, 6))), 1e-4);
}

TEST(Qwen2Test, EqualsHuggingFace) {
  const auto folder = SharedFolder() / "fixtures" / "onevision_tiny";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const auto checkpoint = Checkpoint::Open(folder / "model.safetensors");
  const auto expected = Checkpoint::Open(folder / "expected.safetensors");
  ASSERT_TRUE(checkpoint) << checkpoint.error().message();
  ASSERT_TRUE(expected) << expected.error().message();
  const auto get = [&](const std::string& name) {
    return ToTensor(*expected->Find(name), name).value();
  };
  const torch::NoGradGuard no_grad;
  Qwen2 decoder(TextConfig{.vocab_size = 617,
                           .hidden_size = 56,
                           .intermediate_size = 112,
                           .num_hidden_layers = 3,
                           .num_attention_heads = 7,
                           .num_key_value_heads = 1,
                           .head_dim = 8,
                           .rope_theta = 1e6,
                           .tie_word_embeddings = false});
  const Status loaded = LoadWeights(*decoder, *checkpoint, "language_model.");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  for (const char* preset : {"onevision", "ccexpert"}) {
    const Tensor states = get(std::string(preset) + ".pair1.llm_states");
    std::vector<Tensor> ours;
    const Tensor hidden = decoder(states[0].unsqueeze(0), nullptr, &ours);
    ASSERT_EQ(static_cast<std::int64_t>(ours.size()), states.size(0));
    double worst = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      worst = std::max(worst, Gap(ours[i][0], states[static_cast<std::int64_t>(i)]));
    }
    const Tensor last = decoder->Logits(hidden)[0][-1];
    const double logits = Gap(last, get(std::string(preset) + ".pair1.prefill_logits_last"));
    std::printf("%s: largest difference: states %.2e, logits %.2e\n", preset, worst, logits);
    EXPECT_LT(worst, 1e-4);
    EXPECT_LT(logits, 1e-4);

    // Greedy decoding through the cache gives the same tokens.
    const Tensor wanted = get(std::string(preset) + ".pair1.greedy_ids");
    KvCache cache = decoder->MakeCache(1, states.size(1) + wanted.size(0));
    Tensor next = decoder(states[0].unsqueeze(0), &cache).slice(1, states.size(1) - 1);
    for (std::int64_t i = 0; i < wanted.size(0); ++i) {
      const Tensor id = decoder->Logits(next).argmax(-1);
      ASSERT_EQ(id.item<std::int64_t>(), wanted[i].item<std::int64_t>()) << preset << " " << i;
      next = decoder(decoder->Embed(id), &cache);
    }
  }
}

}  // namespace
}  // namespace stillwatch::model
