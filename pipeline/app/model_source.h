// ModelSource: which model a command uses, from its options and the configuration.

#pragma once

#include <memory>
#include <string>

#include "model/runtime/captioner.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

// `model` is "nano" (the embedded weights) or a checkpoint folder.  Loads the model library, and
// with it LibTorch, now.  Of `options` the model_folder is not looked at.
[[nodiscard]] Result<std::unique_ptr<model::Captioner>> OpenModel(
    const std::string& model, model::CaptionerOptions options = {});

// The folder of a model by that name or path.
[[nodiscard]] Result<std::string> ModelFolder(const std::string& model);

}  // namespace stillwatch::app
