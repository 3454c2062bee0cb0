#include "model/tokenizer/vocabulary.h"

#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/model/text/tiny_tokenizer.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(VocabularyTest, NamesFileAndKeyOfWhatIsWrong) {
  struct Row {
    const char* name;
    std::function<void(json&)> spoil;
    StatusCode code;
    const char* message;
  };
  const auto data_loss = StatusCode::kDataLoss;
  const auto invalid = StatusCode::kInvalidArgument;
  const Row rows[] = {
      {"type", [](json& j) { j["model"]["type"] = "Unigram"; }, invalid, "model.type"},
      {"no model", [](json& j) { j.erase("model"); }, invalid, "model.type"},
      {"no vocabulary", [](json& j) { j["model"].erase("vocab"); }, data_loss, "model.vocab"},
      {"list", [](json& j) { j["model"]["vocab"] = json::array(); }, data_loss, "model.vocab"},
      {"negative id", [](json& j) { j["model"]["vocab"]["ab"] = -1; }, data_loss,
       "model.vocab['ab']: expected an id from 0 to 1048575, found -1"},
      {"huge id", [](json& j) { j["model"]["vocab"]["ab"] = 1 << 20; }, data_loss, "['ab']"},
      {"fraction", [](json& j) { j["model"]["vocab"]["ab"] = 2.5; }, data_loss, "found 2.5"},
      {"id twice", [](json& j) { j["model"]["vocab"]["ab"] = 257; }, data_loss,
       "id 257 is already that of '"},
      {"byte missing", [](json& j) { j["model"]["vocab"].erase("z"); }, data_loss,
       "no token 'z' for byte 122"},
      {"no merges", [](json& j) { j["model"].erase("merges"); }, data_loss, "model.merges"},
      {"half a merge", [](json& j) { j["model"]["merges"][1] = {"ab"}; }, data_loss,
       "model.merges[1]: expected two tokens"},
      {"half a merge as text", [](json& j) { j["model"]["merges"][1] = "ab"; }, data_loss,
       "model.merges[1]"},
      {"unknown left",
       [](json& j) {
         j["model"]["merges"][2] = {"zz", "a"};
       },
       data_loss, "model.merges[2]: 'zz' is not in the vocabulary"},
      {"unknown result",
       [](json& j) {
         j["model"]["merges"][0] = {"b", "a"};
       },
       data_loss, "'ba'"},
      {"suffix", [](json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }, invalid,
       "model.end_of_word_suffix"},
      {"fallback", [](json& j) { j["model"]["byte_fallback"] = true; }, invalid, "byte_fallback"},
      {"normalizer", [](json& j) { j["normalizer"]["type"] = "Lowercase"; }, invalid,
       "normalizer: expected NFC"},
      {"regex",
       [](json& j) { j["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\w+"; },
       invalid, "pre_tokenizer"},
      {"no splitting", [](json& j) { j["pre_tokenizer"] = nullptr; }, invalid, "pre_tokenizer"},
      {"added not a list", [](json& j) { j["added_tokens"] = "x"; }, data_loss, "added_tokens"},
      {"added no id", [](json& j) { j["added_tokens"][1].erase("id"); }, data_loss,
       "added_tokens[1].id"},
      {"added no object", [](json& j) { j["added_tokens"][1] = 4; }, data_loss,
       "added_tokens[1].id"},
      {"added empty", [](json& j) { j["added_tokens"][1]["content"] = ""; }, data_loss,
       "added_tokens[1].content"},
      {"added id twice", [](json& j) { j["added_tokens"][1]["id"] = 300; }, data_loss,
       "id 300 of '<|end|>x' is already that of '<|end|>'"},
      {"added id of the vocabulary", [](json& j) { j["added_tokens"][1]["id"] = 256; }, data_loss,
       "already that of 'ab'"},
      {"added twice", [](json& j) { j["added_tokens"][1]["content"] = "<|end|>"; }, data_loss,
       "added_tokens"},
      {"added flag", [](json& j) { j["added_tokens"][1]["special"] = 1; }, data_loss,
       "added_tokens[1].special"},
      {"stripping", [](json& j) { j["added_tokens"][1]["lstrip"] = true; }, invalid,
       "added_tokens[1].lstrip"},
  };
  ASSERT_TRUE(ParseTokenizerJson(TinyTokenizer().dump(), "a/tokenizer.json"));
  for (const Row& row : rows) {
    json document = TinyTokenizer();
    row.spoil(document);
    const auto result = ParseTokenizerJson(document.dump(), "a/tokenizer.json");
    ASSERT_FALSE(result) << row.name;
    EXPECT_EQ(result.error().code(), row.code) << row.name;
    EXPECT_TRUE(result.error().message().starts_with("a/tokenizer.json: ")) << row.name;
    EXPECT_NE(result.error().message().find(row.message), std::string::npos)
        << row.name << ": " << result.error().message();
  }
}

TEST(VocabularyTest, RefusesJsonThatIsCutShortDoubledOrTooDeep) {
  const std::string text = TinyTokenizer().dump();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 1}) {
    const auto result = ParseTokenizerJson(text.substr(0, size), "t");
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().code(), StatusCode::kDataLoss) << size;
  }
  const auto doubled = ParseTokenizerJson(R"({"model": {}, "model": {}})", "t");
  ASSERT_FALSE(doubled);
  EXPECT_EQ(doubled.error().message(), "t: key 'model' stands twice in one object");
  const auto deep = ParseTokenizerJson(std::string(1'000'000, '['), "t");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().message(), "t: nested deeper than 32");
}

class VocabularyFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    const json tiny = TinyTokenizer();
    Write("vocab.json", tiny["model"]["vocab"].dump());
    std::string merges = "#version: 0.2\n";
    for (const json& merge : tiny["model"]["merges"]) {
      merges += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\r\n";
    }
    Write("merges.txt", merges);
    Write("added_tokens.json", R"({"<|end|>": 300})");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  void ExpectFailure(StatusCode code, std::string_view message) {
    const auto result = LoadVocabulary(folder_);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), code);
    EXPECT_NE(result.error().message().find(message), std::string::npos)
        << result.error().message();
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(VocabularyFilesTest, ReadsVocabAndMerges) {
  const auto vocabulary = LoadVocabulary(folder_);
  ASSERT_TRUE(vocabulary) << vocabulary.error().message();
  EXPECT_EQ(vocabulary->ids.size(), 259U);
  ASSERT_EQ(vocabulary->merges.size(), 3U);
  EXPECT_EQ(vocabulary->merges[1].merged, 257);
  ASSERT_EQ(vocabulary->added.size(), 1U);
  EXPECT_TRUE(vocabulary->added[0].special);
}

TEST_F(VocabularyFilesTest, TakesFlagsFromTheTokenizerConfig) {
  Write("tokenizer_config.json",
        R"({"added_tokens_decoder": {"300": {"content": "<|end|>", "special": false}}})");
  const auto vocabulary = LoadVocabulary(folder_);
  ASSERT_TRUE(vocabulary) << vocabulary.error().message();
  ASSERT_EQ(vocabulary->added.size(), 1U);
  EXPECT_FALSE(vocabulary->added[0].special);
}

TEST_F(VocabularyFilesTest, SaysWhichFileIsMissing) {
  fs::remove(folder_ / "merges.txt");
  ExpectFailure(StatusCode::kNotFound, "merges.txt");
  fs::remove(folder_ / "vocab.json");
  ExpectFailure(StatusCode::kNotFound, "holds neither tokenizer.json nor vocab.json");
  fs::remove_all(folder_);
  ExpectFailure(StatusCode::kNotFound, folder_.string());
}

TEST_F(VocabularyFilesTest, SaysWhichLineOfTheMergesIsWrong) {
  Write("merges.txt", "#version: 0.2\na b\nab\n");
  ExpectFailure(StatusCode::kDataLoss, "merges.txt: line 3: expected two tokens, found 'ab'");
  Write("merges.txt", "a b\n\nq x\n");
  ExpectFailure(StatusCode::kDataLoss, "merges.txt: line 3: 'qx' is not in the vocabulary");
}

TEST_F(VocabularyFilesTest, RefusesFilesThatDisagree) {
  Write("tokenizer_config.json",
        R"({"added_tokens_decoder": {"301": {"content": "<|end|>", "special": true}}})");
  ExpectFailure(StatusCode::kDataLoss, "'<|end|>' stands twice");
  Write("tokenizer_config.json", R"({"added_tokens_decoder": {"-1": {"content": "x"}}})");
  ExpectFailure(StatusCode::kDataLoss, "tokenizer_config.json: added_tokens_decoder['-1']");
  fs::remove(folder_ / "tokenizer_config.json");
  Write("added_tokens.json", R"({"<|end|>": "300"})");
  ExpectFailure(StatusCode::kDataLoss, "added_tokens.json: ['<|end|>']");
}

TEST_F(VocabularyFilesTest, PrefersTokenizerJson) {
  Write("tokenizer.json", "{");
  ExpectFailure(StatusCode::kDataLoss, "tokenizer.json: no valid JSON at byte 2");
}

}  // namespace
}  // namespace stillwatch::model
