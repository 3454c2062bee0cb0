#include "model/runtime/model_folder.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "model/runtime/fingerprint.h"

namespace stillwatch::model {

Result<ModelFolder> OpenModelFolder(const std::string& folder) {
  const std::string path = folder + "/config.json";
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound(path + ": no such file; is this a model folder?");
  std::stringstream text;
  text << in.rdbuf();
  const auto config = ParseM3DiffConfig(text.str());
  if (!config) return Failure(config.error().WithContext(path));
  auto checkpoint = Checkpoint::Open(folder);
  if (!checkpoint) return Failure(checkpoint.error());
  const auto fingerprint = Fingerprint(*checkpoint);
  if (!fingerprint) return Failure(fingerprint.error());
  return ModelFolder{
      .config = *config, .checkpoint = std::move(*checkpoint), .fingerprint = *fingerprint};
}

Result<ModelDescription> DescribeModel(const std::string& folder) {
  const auto opened = OpenModelFolder(folder);
  if (!opened) return Failure(opened.error());
  ModelDescription description{.name = opened->config.name,
                               .fingerprint = opened->fingerprint,
                               .config = ToJson(opened->config)};
  for (const auto& [name, view] : opened->checkpoint.tensors()) {
    ++description.tensors;
    description.parameters += ElementCount(view.shape).value_or(0);
    description.bytes += static_cast<std::int64_t>(view.bytes.size());
  }
  return description;
}

}  // namespace stillwatch::model
