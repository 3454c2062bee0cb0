#include "model/runtime/model_folder.h"

#include <fstream>
#include <span>
#include <sstream>
#include <utility>

#include "model/checkpoint/sha256.h"

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
  // One file: its digest.  Shards: the digest of their digests, in the order of their names.
  Sha256Stream all;
  std::string digest;
  for (const auto& file : checkpoint->files()) {
    const auto part = Sha256File(file);
    if (!part) return Failure(part.error());
    digest = *part;
    all.Update(std::as_bytes(std::span(digest)));
  }
  if (checkpoint->files().size() != 1) digest = all.Finish();
  return ModelFolder{
      .config = *config, .checkpoint = std::move(*checkpoint), .fingerprint = "sha256:" + digest};
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
