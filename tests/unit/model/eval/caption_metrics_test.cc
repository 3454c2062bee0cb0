#include "model/eval/caption_metrics.h"

#include <cmath>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/eval/coco_json.h"
#include "model/eval/ptb_tokens.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string Joined(std::string_view caption) {
  std::string text;
  for (const std::string& token : PtbTokens(caption)) text += (text.empty() ? "" : " ") + token;
  return text;
}

TEST(PtbTokensTest, SplitsAsThePennTreebankDoes) {
  EXPECT_EQ(Joined("The car isn't there; it's John's."), "the car is n't there it 's john 's");
  EXPECT_EQ(Joined("They can't, won't and cannot (ever)"),
            "they ca n't wo n't and can not -lrb- ever -rrb-");
  EXPECT_EQ(Joined("a half-open gate, 24/7, 3.5% more"), "a half-open gate 24/7 3.5 % more");
  EXPECT_EQ(Joined("Mr. Fox left at 5 p.m. ... really?!"), "mr. fox left at 5 p.m. really ?!");
  EXPECT_EQ(Joined(" .,;:!\"'- "), "");
  EXPECT_EQ(Joined(""), "");
}

TEST(PtbTokensTest, TakesAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes.push_back(static_cast<char>(i * i % 251 + i % 7));
  for (std::size_t size = 0; size < 64; ++size) {
    for (const std::string& token : PtbTokens(bytes.substr(size * 50, size))) {
      EXPECT_FALSE(token.empty());
    }
  }
}

TEST(PtbTokensTest, TakesLongRunsOfMarksInLinearTime) {
  std::string marks;
  for (int i = 0; i < 200'000; ++i) marks += "+.%(";
  EXPECT_EQ(PtbTokens(marks).size(), 600'000U);  // The period is dropped.
}

CaptionScores Score(const std::vector<CaptionCase>& cases) {
  const auto scores = ScoreCaptions(cases);
  EXPECT_TRUE(scores) << scores.error().message();
  return scores.value();
}

TEST(CaptionMetricsTest, GivesFullMarksToTheReferenceItself) {
  const CaptionScores scores = Score({{"1", "a red bag is gone now", {"A red bag is gone now."}},
                                      {"2", "two men left the room", {"Two men left the room."}}});
  for (const double bleu : scores.bleu) EXPECT_NEAR(bleu, 1, 1e-6);
  EXPECT_NEAR(scores.rouge_l, 1, 1e-12);
  EXPECT_NEAR(scores.cider, 10, 1e-9);
  EXPECT_EQ(scores.hypothesis_tokens, 11);
}

TEST(CaptionMetricsTest, WorksOutByHand) {
  // "the" counts once, because no reference has it twice; brevity exp(1 - 4/2).
  const CaptionScores scores = Score({{"1", "the the", {"the cat sat down"}}});
  EXPECT_NEAR(scores.bleu[0], 0.5 * std::exp(-1), 1e-6);
  // Precision 1/2, recall 1/4, beta 1.2.
  EXPECT_NEAR(scores.rouge_l, 2.44 * 0.5 * 0.25 / (0.25 + 1.44 * 0.5), 1e-12);
  EXPECT_EQ(scores.cider, 0);  // One case: every word is in all of them.
}

TEST(CaptionMetricsTest, TakesEmptyCaptions) {
  const CaptionScores scores =
      Score({{"1", "", {"", "a bag"}}, {"2", "...", {"a man"}}, {"3", "a dog", {""}}});
  EXPECT_TRUE(std::isfinite(scores.bleu[3]));
  EXPECT_EQ(scores.each[0].rouge_l, 1);  // An empty text is one empty word there.
  EXPECT_EQ(scores.each[1].rouge_l, 0);
  EXPECT_TRUE(std::isfinite(scores.cider));
}

TEST(CaptionMetricsTest, RefusesCasesWithoutReferences) {
  EXPECT_FALSE(ScoreCaptions({}));
  const auto scores = ScoreCaptions(std::vector<CaptionCase>{{"door-7", "a", {}}});
  ASSERT_FALSE(scores);
  EXPECT_EQ(scores.error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(scores.error().message(), "case 'door-7' has no references");
}

TEST(CocoJsonTest, JoinsReferencesByImage) {
  const auto cases = ParseCocoCaptions(
      R"({"annotations": [{"image_id": 7, "caption": "a"}, {"image_id": "x", "caption": "b"},
                          {"image_id": 7, "caption": "c"}]})",
      R"([{"image_id": "x", "caption": "h"}, {"image_id": 7, "caption": "i"}])");
  ASSERT_TRUE(cases) << cases.error().message();
  ASSERT_EQ(cases->size(), 2U);
  EXPECT_EQ((*cases)[0].id, "7");
  EXPECT_EQ((*cases)[0].hypothesis, "i");
  EXPECT_EQ((*cases)[0].references, (std::vector<std::string>{"a", "c"}));
}

TEST(CocoJsonTest, NamesTheEntryThatIsWrong) {
  const std::string truth = R"({"annotations": [{"image_id": 7, "caption": "a"}]})";
  const std::pair<std::pair<std::string, std::string>, const char*> rows[] = {
      {{"{", "[]"}, "references: expected a JSON object"},
      {{R"({"annotations": 1})", "[]"}, "references: annotations: expected a list"},
      {{R"({"annotations": [{"image_id": 1.5, "caption": ""}]})", "[]"},
       "references: annotations[0].image_id"},
      {{truth, "{}"}, "hypotheses: expected a list"},
      {{truth, R"([{"image_id": 7}])"}, "hypotheses[0].caption"},
      {{truth, "[]"}, "hypotheses: image '7' is missing"},
      {{truth, R"([{"image_id": 8, "caption": ""}])"}, "image '8' has no references"},
      {{truth, R"([{"image_id": 7, "caption": ""}, {"image_id": 7, "caption": ""}])"},
       "image '7' stands twice"},
  };
  for (const auto& [texts, message] : rows) {
    const auto cases = ParseCocoCaptions(texts.first, texts.second);
    ASSERT_FALSE(cases) << message;
    EXPECT_EQ(cases.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(cases.error().message().find(message), std::string::npos) << cases.error().message();
  }
}

class CaptionReferenceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(folder_)) GTEST_SKIP() << folder_ << " is not there";
  }
  std::string Content(const char* name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const fs::path folder_ = SharedFolder() / "fixtures/caption_metrics";
};

TEST_F(CaptionReferenceTest, SplitsAwkwardCaptionsLikeCoreNlp) {
  const json rows = json::parse(Content("ptb_tokenizer.json"));
  ASSERT_GE(rows.size(), 40U);
  for (const json& row : rows) {
    EXPECT_EQ(Joined(row["raw"].get<std::string>()), row["tokens"]) << row["raw"];
  }
}

TEST_F(CaptionReferenceTest, GivesTheFiguresOfCocoCaption) {
  const auto cases = ParseCocoCaptions(Content("gt.json"), Content("pred.json"));
  ASSERT_TRUE(cases) << cases.error().message();
  const CaptionScores scores = Score(*cases);
  const json expected = json::parse(Content("expected.json"));
  EXPECT_EQ(scores.hypothesis_tokens, expected["bleu_lengths"]["test"]);
  EXPECT_EQ(scores.reference_tokens, expected["bleu_lengths"]["reference"]);
  for (std::size_t n = 0; n < 4; ++n) {
    const double wanted = expected["corpus"]["Bleu_" + std::to_string(n + 1)];
    EXPECT_NEAR(scores.bleu[n], wanted, 1e-6);
  }
  EXPECT_NEAR(scores.rouge_l, expected["corpus"]["ROUGE_L"], 1e-6);
  EXPECT_NEAR(scores.cider, expected["corpus"]["CIDEr"], 1e-6);
  std::size_t i = 0;
  for (const json& image : expected["per_image_first_50"]) {
    EXPECT_EQ((*cases)[i].id, image["image_id"]);
    EXPECT_EQ(Joined((*cases)[i].hypothesis), image["hypothesis_tokens"]);
    EXPECT_NEAR(scores.each[i].rouge_l, image["ROUGE_L"], 1e-6);
    EXPECT_NEAR(scores.each[i].cider, image["CIDEr"], 1e-6);
    EXPECT_NEAR(scores.each[i].bleu_4, image["Bleu_4"], 1e-6);
    ++i;
  }
  EXPECT_EQ(i, 50U);
}

}  // namespace
}  // namespace stillwatch::model
