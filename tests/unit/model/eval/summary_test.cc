#include "model/eval/summary.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace stillwatch::model {
namespace {

EvalCase Case(const char* kind, double probability, const char* said) {
  EvalCase c;
  c.id = "1";
  c.kind = kind;
  c.changed_probability = probability;
  c.said_kind = said;
  return c;
}

TEST(SummaryTest, AMissedChangeHasNoKindRight) {
  const auto summary = Summarise(std::vector<EvalCase>{
      Case("added", 0.9, "added"), Case("added", 0.2, "added"), Case("removed", 0.9, "moved"),
      Case("same", 0.1, "added"), Case("same", 0.8, "added")});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->words.kind.right, 1);
  EXPECT_EQ(summary->words.kind.of, 3);
  EXPECT_EQ(summary->words.kind_if_told.right, 2);
  EXPECT_EQ(summary->words.confusion.at("added").at("same"), 1);
  EXPECT_EQ(summary->words.confusion.at("removed").at("moved"), 1);
  EXPECT_EQ(summary->words.confusion.at("same").at("added"), 1);
  ASSERT_TRUE(summary->verdict);
  EXPECT_EQ(summary->verdict->called_changed.right, 2);
  EXPECT_EQ(summary->verdict->called_unchanged.right, 1);
  EXPECT_FALSE(summary->captions);
}

TEST(SummaryTest, ColourCountsWhereItIsNamedOrHadToBe) {
  EvalCase named = Case("added", 0.9, "added");
  named.color = "red";
  named.thing = "car";
  named.caption = "a blue car has come";
  EvalCase silent = named;
  silent.caption = "a car has come";
  EvalCase needed = silent;
  needed.color_needed = true;
  EvalCase right = named;
  right.caption = "a red car has come";
  const auto summary = Summarise(std::vector<EvalCase>{named, silent, needed, right});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->words.color.right, 1);
  EXPECT_EQ(summary->words.color.of, 3);
  EXPECT_EQ(summary->words.color_named.right, 2);
  EXPECT_EQ(summary->words.noun.right, 4);
}

TEST(SummaryTest, CaptionMetricsTakeOnlyCasesWithReferences) {
  EvalCase with = Case("added", 0.9, "added");
  with.caption = "a bag was left";
  with.references = {"a bag was left"};
  EvalCase without = with;
  without.references.clear();
  const auto summary = Summarise(std::vector<EvalCase>{without, with, with});
  ASSERT_TRUE(summary);
  ASSERT_TRUE(summary->captions);
  EXPECT_EQ(summary->captions->each.size(), 2U);
  EXPECT_EQ(CaptionCasesOf(std::vector<EvalCase>{without, with}).places,
            (std::vector<std::size_t>{1}));
}

TEST(SummaryTest, JsonLeavesOutWhatWasNotMeasured) {
  EvalCase c;
  c.caption = "a";
  c.references = {"a"};
  const auto summary = Summarise(std::vector<EvalCase>{c});
  ASSERT_TRUE(summary);
  const auto json = nlohmann::json::parse(ToJson(*summary));
  EXPECT_TRUE(json.contains("cider_d"));
  EXPECT_FALSE(json.contains("meteor"));
  EXPECT_FALSE(json.contains("spice"));
  EXPECT_FALSE(json.contains("changed"));
}

}  // namespace
}  // namespace stillwatch::model
