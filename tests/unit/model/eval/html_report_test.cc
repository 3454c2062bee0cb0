#include "model/eval/html_report.h"

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

std::vector<EvalCase> Cases() {
  std::vector<EvalCase> cases(3);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i].id = "pair-" + std::to_string(i);
    cases[i].references = {"a bag was left"};
    cases[i].kind = i == 2 ? kSameWord : "added";
    cases[i].changed_probability = i == 0 ? 0.9 : 0.6;
    cases[i].said_kind = "added";
  }
  cases[0].caption = "a bag was left";
  cases[1].caption = "<script>alert(1)</script>";
  cases[2].caption = "a bag was left";
  return cases;
}

TEST(HtmlReportTest, ShowsTheWorstFirstAndNeedsNothingElse) {
  const auto cases = Cases();
  const auto summary = Summarise(cases);
  ASSERT_TRUE(summary);
  const std::string html = HtmlReport(
      {.title = "nano & others",
       .rows = {{"nano", *summary}},
       .cases = cases,
       .pictures = [](std::size_t) { return PairJpegs{.reference = "ab", .current = "abc"}; }});
  EXPECT_NE(html.find("nano &amp; others"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("http"), html.find("http://www.w3.org"));  // Nothing is fetched.
  EXPECT_NE(html.find("base64,YWI=\""), std::string::npos);
  EXPECT_NE(html.find("base64,YWJj\""), std::string::npos);
  const std::size_t wrong = html.find("Wrong verdicts");
  const std::size_t poor = html.find("Worst captions");
  ASSERT_NE(wrong, std::string::npos);
  ASSERT_NE(poor, std::string::npos);
  EXPECT_LT(html.find("pair-2"), poor);  // Unchanged, and called changed.
  EXPECT_LT(html.find("pair-1", poor), html.find("pair-0", poor));
}

TEST(HtmlReportTest, ShowsNoMoreThanAskedFor) {
  const auto cases = Cases();
  const auto summary = Summarise(cases);
  ASSERT_TRUE(summary);
  const std::string html =
      HtmlReport({.title = "t", .rows = {{"nano", *summary}}, .cases = cases, .worst = 1});
  EXPECT_NE(html.find("(1 of 3)"), std::string::npos);
  EXPECT_EQ(html.find("pair-0"), std::string::npos);
}

TEST(HtmlReportTest, DrawsReliability) {
  const auto summary = Summarise(Cases());
  const std::string svg = ReliabilitySvg(*summary->verdict);
  EXPECT_TRUE(svg.starts_with("<svg"));
  EXPECT_NE(svg.find("calibration error"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::model
