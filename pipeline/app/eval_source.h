// EvalSource: the cases of one evaluation, answered, and their pictures.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/eval/eval_case.h"
#include "model/eval/html_report.h"
#include "pipeline/app/eval_job.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct EvalSource {
  std::string name{};  // Of the system.
  std::string set{};   // Of the pairs.
  std::vector<model::EvalCase> cases{};
  // References of training pairs, one list each; empty: there are none.
  std::vector<std::vector<std::string>> training{};
  std::function<model::PairJpegs(std::size_t)> pictures{};  // Of a case; may be empty.
};

// Runs the model over the set that the options name, or reads the predictions.
[[nodiscard]] Result<EvalSource> AnswerSet(const EvalOptions& options);

}  // namespace stillwatch::app
