#include "model/tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include "tests/unit/model/text/tiny_tokenizer.h"

namespace stillwatch::model {
namespace {

using Ids = std::vector<int>;

Tokenizer Tiny(const nlohmann::json& document = TinyTokenizer()) {
  auto tokenizer = Tokenizer::FromJson(document.dump(), "tiny");
  EXPECT_TRUE(tokenizer) << tokenizer.error().message();
  return tokenizer.value();
}

TEST(TokenizerTest, MergesByRankAndThenFromTheLeft) {
  const Tokenizer tokenizer = Tiny();
  EXPECT_EQ(tokenizer.Encode("abc"), (Ids{257}));
  EXPECT_EQ(tokenizer.Encode("abab"), (Ids{256, 256}));
  EXPECT_EQ(tokenizer.Encode("x abc"), (Ids{'x', ' ', 257}));  // "ab"+"c" ranks before " "+"ab".
  EXPECT_EQ(tokenizer.Encode("x ab"), (Ids{'x', 258}));
  EXPECT_EQ(tokenizer.Encode(""), Ids{});
}

TEST(TokenizerTest, TakesWholePiecesWhenMergesAreToBeIgnored) {
  auto document = TinyTokenizer();
  document["model"]["vocab"]["cb"] = 259;  // Without a merge that leads to it.
  EXPECT_EQ(Tiny(document).Encode("cb"), (Ids{'c', 'b'}));
  document["model"]["ignore_merges"] = true;
  EXPECT_EQ(Tiny(document).Encode("cb"), (Ids{259}));
}

TEST(TokenizerTest, FindsSpecialTokensBeforeAnythingElseAndTheLongestFirst) {
  const Tokenizer tokenizer = Tiny();
  EXPECT_EQ(tokenizer.Encode("ab<|end|>c"), (Ids{256, 300, 'c'}));
  EXPECT_EQ(tokenizer.Encode("<|end|>x<|end|>"), (Ids{301, 300}));
  EXPECT_EQ(tokenizer.Encode("<|end|"), (Ids{'<', '|', 'e', 'n', 'd', '|'}));
  // Normalisation does not reach across one.
  EXPECT_EQ(tokenizer.Encode("e<|end|>\xCC\x81"), (Ids{'e', 300, 0xCC, 0x81}));
}

TEST(TokenizerTest, SpellsSpecialTokensOutInTextOfStrangers) {
  const Tokenizer tokenizer = Tiny();
  const Ids ids = tokenizer.EncodePlain("<|end|>");
  EXPECT_EQ(ids, (Ids{'<', '|', 'e', 'n', 'd', '|', '>'}));
  EXPECT_EQ(tokenizer.Decode(ids), "<|end|>");
}

TEST(TokenizerTest, NormalisesUnlessTheFileSaysNot) {
  auto document = TinyTokenizer();
  EXPECT_EQ(Tiny(document).Encode("e\xCC\x81"), (Ids{0xC3, 0xA9}));
  document["normalizer"] = nullptr;
  EXPECT_EQ(Tiny(document).Encode("e\xCC\x81"), (Ids{'e', 0xCC, 0x81}));
}

TEST(TokenizerTest, FindsNormalisedAddedTokensAfterNormalising) {
  auto document = TinyTokenizer();
  document["added_tokens"][2]["content"] = "caf\xC3\xA9";
  document["added_tokens"][2]["normalized"] = true;
  EXPECT_EQ(Tiny(document).Encode("a cafe\xCC\x81"), (Ids{'a', ' ', 302}));
}

TEST(TokenizerTest, LeavesOutSpecialTokensOnlyWhenAskedTo) {
  const Tokenizer tokenizer = Tiny();
  const Ids ids = {256, 302, 300, 'c'};
  EXPECT_EQ(tokenizer.Decode(ids), "ab[tool]c");
  EXPECT_EQ(tokenizer.Decode(ids, false), "ab[tool]<|end|>c");
}

TEST(TokenizerTest, SurvivesIdsAndBytesThatAreNone) {
  const Tokenizer tokenizer = Tiny();
  EXPECT_EQ(tokenizer.Decode(Ids{-1, 'a', 299, 303, 1 << 30}), "a");
  EXPECT_EQ(tokenizer.Decode(Ids{0xE2, 0x82}), "\xEF\xBF\xBD");
  EXPECT_EQ(tokenizer.Decode(tokenizer.Encode("\xFFz")), "\xEF\xBF\xBDz");
  EXPECT_EQ(tokenizer.TokenBytes(-5), "");
  EXPECT_FALSE(tokenizer.IsSpecial(1 << 30));
}

TEST(TokenizerTest, LooksUpTokensByName) {
  const Tokenizer tokenizer = Tiny();
  EXPECT_EQ(tokenizer.TokenId("<|end|>"), 300);
  EXPECT_EQ(tokenizer.TokenId("ab"), 256);
  EXPECT_EQ(tokenizer.TokenId("<|no such|>"), std::nullopt);
  EXPECT_EQ(tokenizer.TokenBytes(258), " ab");
  EXPECT_TRUE(tokenizer.IsSpecial(301));
  EXPECT_FALSE(tokenizer.IsSpecial(302));
  EXPECT_EQ(tokenizer.size(), 303);
}

TEST(TokenizerTest, EncodesLongWordsWithoutQuadraticWork) {
  // A piece this long takes minutes where each merge scans the piece again.
  const Ids ids = Tiny().Encode(std::string(100'000, 'a'));
  EXPECT_EQ(ids.size(), 100'000U);
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "abc";
  EXPECT_EQ(Tiny().Encode(text), Ids(100'000, 257));
}

TEST(StreamDecoderTest, ShowsACharacterWhenItIsWhole) {
  StreamDecoder stream(Tiny());
  EXPECT_EQ(stream.Push(0xE2), "");
  EXPECT_EQ(stream.Push(0x82), "");
  EXPECT_EQ(stream.Push(300), "");  // Special: left out.
  EXPECT_EQ(stream.Push(0xAC), "\xE2\x82\xAC");
  EXPECT_EQ(stream.Push(256), "ab");
  EXPECT_EQ(stream.Push(0xC3), "");
  EXPECT_EQ(stream.Push('x'), "\xEF\xBF\xBDx");
  EXPECT_EQ(stream.Push(0xF0), "");
  EXPECT_EQ(stream.Finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(stream.Finish(), "");
}

// data/tokenizer.json is what scripts/train_tokenizer.py made of data/captions.jsonl with --vocab
// 352; the ids are those of Hugging Face's tokenizers 0.23.3 for the same file and text.
TEST(TokenizerTest, ReadsWhatOurTrainingScriptWrites) {
  const auto tokenizer =
      Tokenizer::Load(STILLWATCH_SOURCE_DIR "/tests/unit/model/text/data/tokenizer.json");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->size(), 352);
  const std::string text = "The red bag near the caf\xC3\xA9 door was moved.";
  const Ids ids = tokenizer->Encode(text + "<|sep|><|moved|>");
  EXPECT_EQ(
      ids, (Ids{261, 294, 260, 299, 303, 259, 265, 64, 69, 127, 102, 286, 267, 321, 13, 339, 342}));
  EXPECT_EQ(tokenizer->Decode(ids), text);
  // Special tokens have the last ids, in the script's order.
  EXPECT_EQ(tokenizer->TokenId("<|endoftext|>"), 336);
  EXPECT_EQ(tokenizer->TokenId("<|added|>"), 340);
  EXPECT_EQ(tokenizer->TokenId("<|same|>"), 351);
  for (int id = 0; id < 352; ++id) EXPECT_EQ(tokenizer->IsSpecial(id), id >= 336) << id;
}

}  // namespace
}  // namespace stillwatch::model
