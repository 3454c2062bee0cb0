// The tokenizer against what Hugging Face's `tokenizers` computes.

#include <algorithm>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/tokenizer/tokenizer.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class TokenizerReferenceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(folder_ / "cases.json")) GTEST_SKIP() << folder_ << " is not there";
    std::ifstream(folder_ / "cases.json") >> cases_;
  }

  void ExpectAllCases(const Tokenizer& tokenizer) {
    ASSERT_GE(cases_["cases"].size(), 60U);
    for (const json& c : cases_["cases"]) {
      const auto text = c["text"].get<std::string>();
      const auto ids = c["ids"].get<std::vector<int>>();
      EXPECT_EQ(tokenizer.Encode(text), ids) << text;
      EXPECT_EQ(tokenizer.Decode(ids, false), c["decoded"]) << text;
      EXPECT_EQ(tokenizer.Decode(ids, true), c["decoded_without_special"]) << text;
      StreamDecoder stream(tokenizer);
      std::string pieces;
      for (const int id : ids) pieces += stream.Push(id);
      EXPECT_EQ(pieces + stream.Finish(), c["decoded_without_special"]) << text;
    }
  }

  const fs::path folder_ = SharedFolder() / "fixtures/onevision_tiny";
  json cases_;
};

TEST_F(TokenizerReferenceTest, GivesTheSameIdsAndTextsFromTokenizerJson) {
  const auto tokenizer = Tokenizer::Load(folder_);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  ExpectAllCases(*tokenizer);
  EXPECT_EQ(tokenizer->size(), 605);
  EXPECT_EQ(tokenizer->TokenId("<|im_end|>"), 602);
  EXPECT_EQ(tokenizer->TokenId("<image>"), 603);
}

TEST_F(TokenizerReferenceTest, GivesTheSameFromVocabAndMerges) {
  const fs::path copy = fs::path(testing::TempDir()) / "tokenizer_reference_vocab_merges";
  fs::remove_all(copy);
  fs::create_directories(copy);
  for (const char* name : {"vocab.json", "merges.txt", "added_tokens.json"}) {
    fs::copy_file(folder_ / name, copy / name);
  }
  const auto tokenizer = Tokenizer::Load(copy);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  ExpectAllCases(*tokenizer);

  fs::copy_file(folder_ / "tokenizer_config.json", copy / "tokenizer_config.json");
  const auto with_config = Tokenizer::Load(copy);
  ASSERT_TRUE(with_config) << with_config.error().message();
  ExpectAllCases(*with_config);
}

TEST_F(TokenizerReferenceTest, EncodesThePromptsOfTheExpectedRuns) {
  const auto tokenizer = Tokenizer::Load(folder_);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  json expected;
  std::ifstream(folder_ / "expected.json") >> expected;
  ASSERT_EQ(expected["cases"].size(), 4U);
  const int image = tokenizer->TokenId("<image>").value();
  for (const auto& [name, run] : expected["cases"].items()) {
    // One `<image>` of the prompt may stand for all tokens of a picture.
    auto wanted = run["input_ids"].get<std::vector<int>>();
    const auto ids = tokenizer->Encode(run["prompt"].get<std::string>());
    const bool repeated = std::count(wanted.begin(), wanted.end(), image) > 2;
    std::vector<int> expanded;
    for (const int id : ids) expanded.insert(expanded.end(), repeated && id == image ? 50 : 1, id);
    EXPECT_EQ(expanded, wanted) << name;
    EXPECT_EQ(tokenizer->Decode(run["greedy_ids"].get<std::vector<int>>()), run["greedy_text"]);
  }
}

}  // namespace
}  // namespace stillwatch::model
