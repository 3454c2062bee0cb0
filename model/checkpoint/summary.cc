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

bool HasPrefix(const TensorMap& tensors, std::string_view prefix) {
  const auto found = tensors.lower_bound(prefix);
  return found != tensors.end() && found->first.starts_with(prefix);
}

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

std::string_view Name(Naming naming) {
  switch (naming) {
    case Naming::kStillwatch:
      return "stillwatch";
    case Naming::kLlavaNext:
      return "llava-next";
    case Naming::kHfOld:
      return "hf-old";
    case Naming::kHfOldNoWrap:
      return "hf-old-nowrap";
    case Naming::kHfNew:
      return "hf-new";
    case Naming::kHfNewNoWrap:
      return "hf-new-nowrap";
    case Naming::kUnknown:
      break;
  }
  return "unknown";
}

Naming DetectNaming(const TensorMap& tensors) {
  // Ours has the decoder's names of kHfOld, so it is asked for first.
  if (tensors.contains("verdict.changed.weight")) return Naming::kStillwatch;
  if (tensors.contains("model.mm_projector.0.weight")) return Naming::kLlavaNext;
  if (tensors.contains("language_model.model.embed_tokens.weight")) {
    if (HasPrefix(tensors, "vision_tower.vision_model.")) return Naming::kHfOld;
    if (HasPrefix(tensors, "vision_tower.")) return Naming::kHfOldNoWrap;
  }
  if (tensors.contains("model.language_model.embed_tokens.weight")) {
    if (HasPrefix(tensors, "model.vision_tower.vision_model.")) return Naming::kHfNew;
    if (HasPrefix(tensors, "model.vision_tower.")) return Naming::kHfNewNoWrap;
  }
  return Naming::kUnknown;
}

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
