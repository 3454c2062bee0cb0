#include "model/checkpoint/lora.h"

#include <cmath>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"
#include "model/checkpoint/naming.h"

namespace stillwatch::model {
namespace {

using nlohmann::json;

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kWeights = "adapter_model.safetensors";
constexpr std::string_view kWrapper = "base_model.model.";
constexpr std::int64_t kMaxRank = 65536;

// Ranks and scales: one for all, and exceptions by the module's name.
struct Scaling {
  double rank = 0, alpha = 0;
  bool root = false;  // rsLoRA: divided by the root of the rank.
  std::map<std::string, double, std::less<>> ranks{}, alphas{};
};

std::optional<double> Number(const json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_number()) return std::nullopt;
  const auto value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool IsOn(const json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && !found->is_null() && *found != false && *found != "none";
}

// PEFT reads the keys as regular expressions on the end of the module's name; plain names are
// understood here, others are refused.
Status ReadPattern(const json& config, const char* key,
                   std::map<std::string, double, std::less<>>& pattern) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return {};
  if (!found->is_object()) return DataLoss(std::string(key) + ": wanted an object");
  for (const auto& [module, value] : found->items()) {
    const std::string where = std::string(key) + "." + module;
    if (module.find_first_of("*+?()[]{}|^$\\") != std::string::npos) {
      return InvalidArgument(where + ": regular expressions are not supported; write plain names");
    }
    if (!value.is_number() || !(value.get<double>() > 0)) {
      return DataLoss(where + ": wanted a number above 0");
    }
    pattern.emplace(module, value.get<double>());
  }
  return {};
}

double Special(const std::map<std::string, double, std::less<>>& pattern, std::string_view module,
               double usual) {
  for (const auto& [key, value] : pattern) {
    if (module == key || module.ends_with("." + key)) return value;
  }
  return usual;
}

Status ReadConfig(const json& config, Scaling& scaling, std::string& base) {
  if (!config.is_object()) return DataLoss("wanted a JSON object");
  const auto type = config.find("peft_type");
  if (type == config.end() || *type != "LORA") {
    return InvalidArgument("peft_type: only LORA is supported, found " +
                           (type == config.end() ? "none" : type->dump().substr(0, 40)));
  }
  for (const char* key : {"use_dora", "fan_in_fan_out", "use_qalora", "alora_invocation_tokens",
                          "layer_replication"}) {
    if (IsOn(config, key)) return InvalidArgument(std::string(key) + ": is not supported");
  }
  const auto rank = Number(config, "r");
  const auto alpha = Number(config, "lora_alpha");
  if (!rank || *rank < 1 || *rank > kMaxRank) return DataLoss("r: wanted a number from 1");
  if (!alpha) return DataLoss("lora_alpha: wanted a number");
  scaling.rank = *rank;
  scaling.alpha = *alpha;
  scaling.root = IsOn(config, "use_rslora");
  if (Status s = ReadPattern(config, "rank_pattern", scaling.ranks); !s.ok()) return s;
  if (Status s = ReadPattern(config, "alpha_pattern", scaling.alphas); !s.ok()) return s;
  const auto name = config.find("base_model_name_or_path");
  if (name != config.end() && name->is_string()) base = name->get<std::string>();
  return {};
}

// Takes one tensor of the file into the adapter.
Status Sort(const std::string& name, const TensorView& view, LoraAdapter& adapter) {
  std::string_view rest = name;
  if (rest.starts_with(kWrapper)) rest.remove_prefix(kWrapper.size());
  if (rest.find("lora_magnitude_vector") != std::string_view::npos ||
      rest.find("lora_embedding_") != std::string_view::npos) {
    return InvalidArgument("only pairs lora_A.weight, lora_B.weight can be merged");
  }
  for (const auto& [mark, is_a] : {std::pair(std::string_view(".lora_A."), true),
                                   std::pair(std::string_view(".lora_B."), false)}) {
    const std::size_t at = rest.find(mark);
    if (at == std::string_view::npos) continue;
    const std::string_view tail = rest.substr(at + mark.size());
    if (tail != "weight" && tail != "default.weight") {
      return InvalidArgument("only pairs lora_A.weight, lora_B.weight can be merged");
    }
    const auto canonical = CanonicalName(std::string(rest.substr(0, at)) + ".weight");
    if (!canonical) return DataLoss("belongs to no part of the network");
    if (view.shape.size() != 2) {
      return DataLoss("is " + Describe(view.dtype, view.shape) + ", expected a matrix");
    }
    LoraDelta& delta = adapter.deltas[*canonical];
    (is_a ? delta.a : delta.b) = view;
    delta.name = std::string(rest.substr(0, at));
    return {};
  }
  std::string plain(rest);
  if (const std::size_t at = plain.find(".modules_to_save."); at != std::string::npos) {
    plain.replace(at, std::string_view(".modules_to_save.").size(), ".");
    if (const std::size_t tag = plain.find(".default."); tag != std::string::npos) {
      plain.replace(tag, std::string_view(".default.").size(), ".");
    }
  }
  if (const std::size_t at = plain.find(".base_layer."); at != std::string::npos) {
    plain.replace(at, std::string_view(".base_layer.").size(), ".");
  }
  const auto canonical = CanonicalName(plain);
  if (!canonical) return DataLoss("belongs to no part of the network");
  adapter.replaced.emplace(*canonical, view);
  return {};
}

Status Finish(const Scaling& scaling, LoraDelta& delta) {
  if (delta.a.shape.empty() || delta.b.shape.empty()) {
    return DataLoss(std::string(delta.a.shape.empty() ? "lora_A" : "lora_B") +
                    ".weight is missing");
  }
  const double rank = Special(scaling.ranks, delta.name, scaling.rank);
  const auto wanted = static_cast<std::int64_t>(rank);
  if (delta.a.shape[0] != wanted || delta.b.shape[1] != wanted) {
    return DataLoss("lora_A is " + Describe(delta.a.dtype, delta.a.shape) + ", lora_B is " +
                    Describe(delta.b.dtype, delta.b.shape) + ", expected rank " +
                    std::to_string(wanted) + " as " + kConfig + " says");
  }
  const double alpha = Special(scaling.alphas, delta.name, scaling.alpha);
  delta.scale = alpha / (scaling.root ? std::sqrt(rank) : rank);
  return {};
}

Result<LoraAdapter> Read(const std::filesystem::path& folder) {
  const std::filesystem::path config_path = folder / kConfig;
  const auto config_file = MappedFile::Open(config_path);
  if (!config_file) return Failure(config_file.error());
  const std::string_view text(reinterpret_cast<const char*>(config_file->bytes().data()),
                              config_file->bytes().size());
  if (Status s = CheckJson(text); !s.ok()) return Failure(s.WithContext(config_path.string()));
  Scaling scaling;
  std::string base;
  if (Status s = ReadConfig(json::parse(text), scaling, base); !s.ok()) {
    return Failure(s.WithContext(config_path.string()));
  }
  auto file = SafetensorsFile::Open(folder / kWeights);
  if (!file) return Failure(file.error());
  LoraAdapter adapter{
      .path = folder / kWeights, .file = std::move(*file), .base_model = std::move(base)};
  const std::string where = (folder / kWeights).string() + ": tensor '";
  for (const auto& [name, view] : adapter.file.tensors()) {
    if (Status s = Sort(name, view, adapter); !s.ok()) {
      return Failure(s.WithContext(where + name + "'"));
    }
  }
  for (auto& [name, delta] : adapter.deltas) {
    if (Status s = Finish(scaling, delta); !s.ok()) {
      return Failure(s.WithContext(where + delta.name + "'"));
    }
  }
  return adapter;
}

}  // namespace

Result<LoraAdapter> LoraAdapter::Open(const std::filesystem::path& folder) {
  try {
    return Read(folder);
  } catch (const std::exception& e) {
    return DataLoss((folder / kConfig).string() + ": " + e.what());
  }
}

}  // namespace stillwatch::model
