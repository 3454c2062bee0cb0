#include "pipeline/app/model_source.h"

#include <filesystem>
#include <utility>

#include "model/module/loader.h"
#include "pipeline/app/paths.h"

namespace stillwatch::app {

Result<std::string> ModelFolder(const std::string& model) {
  std::error_code error;
  // A folder of that name comes first: `--model ./nano` and `--model nano` may both be meant.
  if (std::filesystem::is_directory(model, error)) return model;
  if (model == "nano") {
    const auto folder = FindData("model/weights/nano");
    if (!folder) return Failure(folder.error());
    return folder->string();
  }
  return NotFound(model +
                  ": no such model folder; write a folder with config.json, "
                  "model.safetensors and tokenizer.json, or nano");
}

Result<std::unique_ptr<model::Captioner>> OpenModel(const std::string& model,
                                                    model::CaptionerOptions options) {
  auto folder = ModelFolder(model);
  if (!folder) return Failure(folder.error());
  options.model_folder = std::move(*folder);
  return model::OpenCaptionerFromLibrary(options);
}

}  // namespace stillwatch::app
