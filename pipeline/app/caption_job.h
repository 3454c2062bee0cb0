// RunCaption: what `stillwatch caption` does, apart from its command line.

#pragma once

#include <string>

#include "model/runtime/captioner.h"
#include "pipeline/app/command.h"
#include "pipeline/app/output.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

struct CaptionOptions {
  std::string reference{}, current{};  // One pair, or
  std::string pairs{};                 // a file of {"id","reference","current"} lines.
  std::string model = "nano";
  // How it is run; its model_folder is not looked at.
  model::CaptionerOptions captioner{};
  bool ids = false;  // Print the token ids, too.
  OutputFormat output = OutputFormat::kAuto;
};

// Prints the answers.  kNothing if some pairs of a list failed.
[[nodiscard]] Result<Outcome> RunCaption(const CaptionOptions& options);

}  // namespace stillwatch::app
