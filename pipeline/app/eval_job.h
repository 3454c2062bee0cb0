// RunEval: what `stillwatch eval` does, apart from its command line.

#pragma once

#include <string>

#include "pipeline/app/command.h"
#include "pipeline/app/output.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct EvalOptions {
  std::string set{};  // Folder of pairs, CLEVR-Change triples, footage; or empty, with
  std::string predictions{}, references{};  // the captions of any system, in COCO's JSON files.
  std::string model = "nano";
  std::string split = "test";
  int limit = 0;  // Pairs at most; 0: all.
  int threads = 0;
  std::string training_references{};  // COCO JSON; the constant caption is chosen on them.
  std::string meteor_jar{}, spice_jar{}, java = "java";
  std::string out{};  // Gets summary.json, samples.jsonl, report.html, reliability.svg.
  int worst = 24;     // Pairs in each list of the report.
  OutputFormat output = OutputFormat::kAuto;
};

[[nodiscard]] Result<Outcome> RunEval(const EvalOptions& options);

}  // namespace stillwatch::app
