// The whole CUDA decoder against plain C++.  Built twice, as cuda_kernels_test.cc.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "model/kernels/cuda/decoder.h"
#include "tests/unit/model/kernels/device_array.h"
#include "tests/unit/model/kernels/tiny_decoder.h"

namespace stillwatch::model {
namespace {

using Written = std::vector<WrittenToken>;

class CudaDecoderTest : public DeviceTest, public testing::WithParamInterface<WeightFormat> {
 protected:
  std::unique_ptr<CudaDecoder> Make(const TinyDecoder& tiny) {
    std::unique_ptr<CudaDecoder> decoder;
    CudaStatus status = CudaDecoder::Create(tiny.config, MakeCublasLtGemm(), &decoder);
    EXPECT_TRUE(status.ok()) << status.message;
    if (status.ok()) status = tiny.Load(decoder.get());
    EXPECT_TRUE(status.ok()) << status.message;
    return decoder;
  }
};

// A prompt of random embeddings, rounded.
std::vector<float> Prompt(int rows, int hidden, std::uint32_t seed) {
  return Rounded(RandomFloats(static_cast<std::size_t>(rows * hidden), seed));
}

// Follows what the device wrote: each token must be as likely as the likeliest, up to `slack` (bf16
// sums in another order), and its log-probability the plain one.
void ExpectGreedy(const TinyDecoder& tiny, const std::vector<float>& prompt, const Written& written,
                  float slack) {
  TinyDecoder::Sequence plain(tiny);
  const auto hidden = static_cast<std::size_t>(tiny.config.hidden);
  std::vector<float> logits;
  for (std::size_t at = 0; at < prompt.size(); at += hidden) {
    logits = plain.Feed({prompt.begin() + static_cast<std::ptrdiff_t>(at),
                         prompt.begin() + static_cast<std::ptrdiff_t>(at + hidden)});
  }
  for (const WrittenToken& token : written) {
    ASSERT_GE(token.id, 0);
    ASSERT_LT(token.id, tiny.config.valid_ids);
    const float most = *std::max_element(logits.begin(), logits.begin() + tiny.config.valid_ids);
    const float chosen = logits[static_cast<std::size_t>(token.id)];
    EXPECT_GE(chosen, most - slack);
    EXPECT_NEAR(token.log_prob, chosen - LogSumExpOnHost(logits.data(), tiny.config.valid_ids),
                slack);
    logits = plain.Feed(tiny.Embedding(token.id));
  }
}

TEST_P(CudaDecoderTest, WritesWhatPlainCppWrites) {
  TinyDecoder tiny(GetParam());
  const std::unique_ptr<CudaDecoder> decoder = Make(tiny);
  // fp8 also rounds activations, in prompts of more than eight rows.
  const float slack = GetParam() == WeightFormat::kFp8 ? 1.5F : 0.35F;
  const std::vector<int> lengths = {1, 5, 14};
  std::map<int, std::vector<float>> prompts;
  std::map<int, Written> written;
  std::vector<PromptPart> parts;
  std::vector<std::vector<Bf16>> halves;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const int slot = decoder->Open(static_cast<int>(3 + i));
    prompts[slot] = Prompt(lengths[i], tiny.config.hidden, static_cast<std::uint32_t>(50 + i));
    halves.push_back(ToBf16(prompts[slot]));
    parts.push_back({slot, halves.back().data(), lengths[i], true});
  }
  // The longest comes in two parts, around a step of the others.
  const PromptPart whole = parts.back();
  parts.back() = {whole.slot, whole.embeddings, 9, false};
  Written out;
  ASSERT_TRUE(decoder->Prefill(parts, &out).ok());
  EXPECT_EQ(out.size(), 2U);
  ASSERT_TRUE(decoder->Decode(1, &out).ok());
  ASSERT_TRUE(
      decoder->Prefill({{whole.slot, whole.embeddings + 9 * tiny.config.hidden, 5, true}}, &out)
          .ok());
  while (decoder->running() > 0) ASSERT_TRUE(decoder->Decode(3, &out).ok());
  for (const WrittenToken& token : out) written[token.slot].push_back(token);
  ASSERT_EQ(written.size(), 3U);
  for (const auto& [slot, tokens] : written) {
    EXPECT_EQ(tokens.size(), static_cast<std::size_t>(3 + slot)) << "slot " << slot;
    for (const WrittenToken& token : tokens) EXPECT_EQ(token.ends, &token == &tokens.back());
    ExpectGreedy(tiny, prompts[slot], tokens, slack);
  }
}

TEST_P(CudaDecoderTest, ServesMoreSequencesThanASmallProductTakes) {
  TinyDecoder tiny(GetParam());
  const std::unique_ptr<CudaDecoder> decoder = Make(tiny);
  const float slack = GetParam() == WeightFormat::kFp8 ? 1.5F : 0.35F;
  std::map<int, std::vector<float>> prompts;
  std::map<int, Written> written;
  Written out;
  std::vector<PromptPart> parts;
  std::vector<std::vector<Bf16>> halves;
  for (std::uint32_t i = 0; i < 9; ++i) {
    const int slot = decoder->Open(3);
    prompts[slot] = Prompt(1, tiny.config.hidden, 70 + i);
    halves.push_back(ToBf16(prompts[slot]));
    parts.push_back({slot, halves.back().data(), 1, true});
  }
  ASSERT_TRUE(decoder->Prefill(parts, &out).ok());
  while (decoder->running() > 0) ASSERT_TRUE(decoder->Decode(2, &out).ok());
  for (const WrittenToken& token : out) written[token.slot].push_back(token);
  for (const auto& [slot, tokens] : written) {
    EXPECT_EQ(tokens.size(), 3U);
    ExpectGreedy(tiny, prompts[slot], tokens, slack);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, CudaDecoderTest,
                         testing::Values(WeightFormat::kBf16, WeightFormat::kInt8,
                                         WeightFormat::kInt4, WeightFormat::kFp8));

TEST_F(CudaDecoderTest, EndsAtAStopIdAndWhereTheSlotIsFull) {
  TinyDecoder tiny(WeightFormat::kBf16);
  tiny.config.capacity = 12;
  const std::vector<Bf16> prompt = ToBf16(Prompt(4, tiny.config.hidden, 60));
  Written free;
  {
    const std::unique_ptr<CudaDecoder> decoder = Make(tiny);
    const int slot = decoder->Open(1000);
    ASSERT_TRUE(decoder->Prefill({{slot, prompt.data(), 4, true}}, &free).ok());
    while (decoder->running() > 0) ASSERT_TRUE(decoder->Decode(3, &free).ok());
  }
  // Each token but the last is fed; the cache holds the prompt and those.
  ASSERT_EQ(free.size(), static_cast<std::size_t>(tiny.config.capacity - 4 + 1));
  EXPECT_TRUE(free.back().ends);
  std::size_t stop = 1;  // The first token that did not come before.
  while (std::any_of(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(stop),
                     [&](const WrittenToken& t) { return t.id == free[stop].id; })) {
    ASSERT_LT(++stop, free.size());
  }
  tiny.config.stop_ids = {22, free[stop].id};
  const std::unique_ptr<CudaDecoder> decoder = Make(tiny);
  Written stopped;
  const int slot = decoder->Open(1000);
  ASSERT_TRUE(decoder->Prefill({{slot, prompt.data(), 4, true}}, &stopped).ok());
  while (decoder->running() > 0) ASSERT_TRUE(decoder->Decode(3, &stopped).ok());
  EXPECT_EQ(stopped.size(), stop + 1);
  decoder->Close(slot);
  EXPECT_EQ(decoder->Open(1), slot);
}

TEST_F(CudaDecoderTest, RefusesWhatDoesNotFit) {
  TinyDecoder tiny(WeightFormat::kBf16);
  const std::unique_ptr<CudaDecoder> decoder = Make(tiny);
  const std::vector<Bf16> prompt = ToBf16(Prompt(41, tiny.config.hidden, 61));
  Written out;
  EXPECT_FALSE(decoder->Prefill({{0, prompt.data(), 4, true}}, &out).ok()) << "not open";
  const int slot = decoder->Open(5);
  EXPECT_FALSE(decoder->Prefill({{slot, prompt.data(), 25, true}}, &out).ok()) << "over capacity";
  EXPECT_FALSE(
      decoder
          ->Prefill({{slot, prompt.data(), 21, true}, {decoder->Open(5), prompt.data(), 20}}, &out)
          .ok())
      << "over prefill_rows";
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(decoder->Prefill({{slot, prompt.data(), 24, true}}, &out).ok());
  EXPECT_TRUE(out.at(0).ends) << "no room to feed the first token";
  std::set<int> slots;
  for (int i = 0; i < 12; ++i) slots.insert(decoder->Open(1));
  EXPECT_TRUE(slots.contains(-1));

  TinyDecoder odd(WeightFormat::kInt4);
  odd.config.shape.head_dim = 72;
  std::unique_ptr<CudaDecoder> none;
  CudaStatus status = CudaDecoder::Create(odd.config, MakeCublasLtGemm(), &none);
  EXPECT_EQ(status.code, CudaStatus::Code::kInvalid);
  EXPECT_EQ(none, nullptr);
}

#if defined(STILLWATCH_CUDA_ON_HOST)
TEST_F(CudaDecoderTest, RunningOutOfMemoryIsAStatusAndLeavesNothingTaken) {
  TinyDecoder tiny(WeightFormat::kInt8);
  const std::size_t before = cuda_on_host::memory_left;
  for (const std::size_t memory : {std::size_t{0}, std::size_t{50000}, std::size_t{400000}}) {
    cuda_on_host::memory_left = memory;
    std::unique_ptr<CudaDecoder> decoder;
    CudaStatus status = CudaDecoder::Create(tiny.config, MakeCublasLtGemm(), &decoder);
    if (status.ok()) status = tiny.Load(decoder.get());
    EXPECT_EQ(status.code, CudaStatus::Code::kOutOfMemory) << memory;
    EXPECT_NE(status.message.find("MiB"), std::string::npos) << status.message;
    decoder.reset();
    EXPECT_EQ(cuda_on_host::memory_left, memory);
  }
  cuda_on_host::memory_left = before;
}
#endif

}  // namespace
}  // namespace stillwatch::model
