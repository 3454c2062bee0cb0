// HtmlReport: what a system said, the worst first, in one file that any browser shows.

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/eval/eval_case.h"
#include "model/eval/summary.h"

namespace stillwatch::model {

// A row of figures under the report's title: the model's, the constant caption's.
struct ReportRow {
  std::string name{};
  Summary summary{};
};

// Two pictures of a pair as JPEG; empty where there are none.
struct PairJpegs {
  std::string reference{};
  std::string current{};
};

struct ReportInput {
  std::string title{};
  std::string notes{};  // How the rows came about, one paragraph.
  std::vector<ReportRow> rows{};
  std::span<const EvalCase> cases{};
  std::size_t worst = 24;                            // Pairs shown in each of the two lists.
  std::function<PairJpegs(std::size_t)> pictures{};  // Of a case; may be empty.
};

// Self-contained: pictures and plot are inside.  Lists the verdicts that were wrong with the most
// confidence, and the captions with the lowest CIDEr-D (of equal ones, the lowest ROUGE-L).
std::string HtmlReport(const ReportInput& input);

// The reliability plot: bars of what was true over what was said.
std::string ReliabilitySvg(const VerdictFigures& figures);

}  // namespace stillwatch::model
