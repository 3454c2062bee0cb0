#include "model/checkpoint/summary.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"

namespace stillwatch::model {
namespace {

using nlohmann::json;

constexpr std::string_view kEmbedding = "embed_tokens.weight";

// How many different i there are in names "<...><marker>{i}.<...>" for which `is_one` holds.
template <typename IsOne>
int CountLayers(const TensorMap& tensors, std::string_view marker, IsOne is_one) {
  std::set<int> layers;
  for (const auto& [name, view] : tensors) {
    const std::size_t at = name.find(marker);
    if (at == std::string::npos || !is_one(name)) continue;
    const char* from = name.data() + at + marker.size();
    const char* end = name.data() + name.size();
    int layer = 0;
    const auto [rest, error] = std::from_chars(from, end, layer);
    if (error == std::errc() && rest != end && *rest == '.') layers.insert(layer);
  }
  return static_cast<int>(layers.size());
}

Result<std::string> ReadArchitecture(const std::filesystem::path& path) {
  auto file = MappedFile::Open(path);
  if (!file && file.error().code() == StatusCode::kNotFound) return std::string();
  if (!file) return Failure(file.error());
  const std::string_view text(reinterpret_cast<const char*>(file->bytes().data()),
                              file->bytes().size());
  if (Status status = CheckJson(text); !status.ok()) {
    return Failure(status.WithContext(path.string()));
  }
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return DataLoss(path.string() + ": expected a JSON object");
  const auto list = document.find("architectures");
  if (list != document.end() && list->is_array() && !list->empty() && list->front().is_string()) {
    return list->front().get<std::string>();
  }
  const auto name = document.find("name");
  return name != document.end() && name->is_string() ? name->get<std::string>() : std::string();
}

}  // namespace

Result<ModelSummary> Summarise(const std::filesystem::path& folder) {
  const auto checkpoint = Checkpoint::Open(folder);
  if (!checkpoint) return Failure(checkpoint.error());
  auto architecture = ReadArchitecture(folder / "config.json");
  if (!architecture) return Failure(architecture.error());

  const TensorMap& tensors = checkpoint->tensors();
  ModelSummary summary{.architecture = std::move(*architecture),
                       .naming = DetectNaming(tensors),
                       .files = static_cast<int>(checkpoint->files().size()),
                       .tensors = static_cast<std::int64_t>(tensors.size())};
  bool has_head = false;
  for (const auto& [name, view] : tensors) {
    const auto bytes = static_cast<std::int64_t>(view.bytes.size());
    summary.bytes += bytes;
    summary.bytes_by_dtype[view.dtype] += bytes;
    summary.parameters += bytes / static_cast<std::int64_t>(ByteSize(view.dtype));
    if (name.ends_with(kEmbedding) && !view.shape.empty()) summary.vocabulary = view.shape[0];
    has_head = has_head || name.ends_with("lm_head.weight");
    // CCExpert's name of the difference module's first layer; ours is the same with `mdp.`.
    summary.has_mdp = summary.has_mdp ||
                      name.ends_with("expert_change_feature_extractor_model.linear_mapping.weight");
  }
  summary.tied_head = summary.vocabulary > 0 && !has_head;
  // Of the parts only the decoder has gated MLPs.
  summary.text_layers = CountLayers(tensors, "layers.", [](std::string_view name) {
    return name.find(".mlp.gate_proj.") != std::string_view::npos;
  });
  summary.vision_layers = CountLayers(tensors, "encoder.layers.", [](std::string_view name) {
    return name.find("vision") != std::string_view::npos;
  });
  return summary;
}

}  // namespace stillwatch::model
