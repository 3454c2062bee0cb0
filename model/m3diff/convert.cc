#include "model/m3diff/convert.h"

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include "model/checkpoint/network_weights.h"
#include "model/checkpoint/write_safetensors.h"
#include "model/m3diff/hf_config.h"
#include "model/m3diff/weights_torch.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What else a model folder may hold, copied as it is.
constexpr const char* kCompanions[] = {"generation_config.json",
                                       "preprocessor_config.json",
                                       "processor_config.json",
                                       "tokenizer.json",
                                       "tokenizer_config.json",
                                       "vocab.json",
                                       "merges.txt",
                                       "added_tokens.json",
                                       "special_tokens_map.json",
                                       "chat_template.json",
                                       "chat_template.jinja"};

// One tensor on its way.
struct Item {
  std::string name{};
  NetworkWeights::Entry entry{};
  bool floats = false;
  std::int64_t bytes = 0;  // As it will be written.
};

struct Source {
  std::shared_ptr<const void> owner{};  // Of the bytes.
  fs::path folder{};
  std::vector<Item> items{};
  std::string config{};  // Of the folder to write.
  int left_out = 0;
};

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<std::optional<Dtype>> WantedType(const std::string& word) {
  if (word.empty()) return std::optional<Dtype>();
  if (word == "fp32") return std::optional(Dtype::kF32);
  if (word == "fp16") return std::optional(Dtype::kF16);
  if (word == "bf16") return std::optional(Dtype::kBF16);
  return InvalidArgument("dtype " + word + ": wanted fp32, fp16 or bf16");
}

// The folder's own config.json with the new type in it, or one of the other family's style.
std::string NewConfig(const std::string& old, const M3DiffConfig& config, Naming from, Naming to,
                      std::optional<Dtype> dtype) {
  if ((from == Naming::kLlavaNext) != (to == Naming::kLlavaNext)) {
    return WriteHfConfig(config, to, dtype.value_or(Dtype::kBF16));
  }
  Json json = Json::parse(old, nullptr, /*allow_exceptions=*/false);
  if (dtype) {
    const char* word = *dtype == Dtype::kF32   ? "float32"
                       : *dtype == Dtype::kF16 ? "float16"
                                               : "bfloat16";
    for (const char* key : {"dtype", "torch_dtype"}) {
      if (json.contains(key)) json[key] = word;
      if (json.contains("text_config") && json["text_config"].contains(key)) {
        json["text_config"][key] = word;
      }
    }
  }
  return json.dump(2) + "\n";
}

Result<Source> OpenFamily(const ConvertOptions& options, std::optional<Dtype> dtype) {
  auto weights = NetworkWeights::Open(options.model, options.adapter);
  if (!weights) return Failure(weights.error());
  const NetworkWeights& w = **weights;
  // Reads the difference module's sizes where there is one; contradictions are found here.
  const auto hf = ReadHfConfig(w, "ccexpert");
  if (!hf) return Failure(hf.error());
  Naming naming = w.naming();
  if (!options.naming.empty()) {
    const auto wanted = ParseNaming(options.naming);
    if (!wanted || *wanted == Naming::kStillwatch) {
      return InvalidArgument("naming " + options.naming +
                             ": wanted llava-next, hf-old, hf-old-nowrap, hf-new or hf-new-nowrap");
    }
    naming = *wanted;
  }
  Source source{.owner = *weights,
                .folder = w.folder(),
                .config = NewConfig(ReadText(w.folder() / "config.json"), hf->config, w.naming(),
                                    naming, dtype),
                .left_out = static_cast<int>(w.others().size())};
  for (const auto& [canonical, entry] : w.entries()) {
    source.items.push_back({.name = NameIn(naming, canonical), .entry = entry});
  }
  for (const auto& [canonical, view] : w.unused()) {
    source.items.push_back({.name = NameIn(naming, canonical), .entry = {.view = view}});
  }
  return source;
}

Result<Source> OpenOurs(const ConvertOptions& options) {
  if (!options.naming.empty() && options.naming != Name(Naming::kStillwatch)) {
    return InvalidArgument(options.model.string() + ": has a verdict, which only the naming " +
                           std::string(Name(Naming::kStillwatch)) + " has words for");
  }
  const std::string text = ReadText(options.model / "config.json");
  if (const auto config = ParseM3DiffConfig(text); !config) {
    return Failure(config.error().WithContext((options.model / "config.json").string()));
  }
  auto checkpoint = Checkpoint::Open(options.model);
  if (!checkpoint) return Failure(checkpoint.error());
  const auto shared = std::make_shared<const Checkpoint>(std::move(*checkpoint));
  Source source{.owner = shared, .folder = options.model, .config = text};
  for (const auto& [name, view] : shared->tensors()) {
    source.items.push_back({.name = name, .entry = {.view = view, .name = name}});
  }
  return source;
}

Status CheckOut(const fs::path& out) {
  std::error_code error;
  if (!fs::exists(out, error)) {
    fs::create_directories(out, error);
    return error ? Status(Unavailable(out.string() + ": " + error.message())) : Status();
  }
  if (fs::is_directory(out, error) && fs::is_empty(out, error)) return {};
  return InvalidArgument(out.string() + ": is there already; name a new or an empty folder");
}

Status WriteShard(const fs::path& path, const Source& source, std::size_t begin, std::size_t end,
                  std::optional<Dtype> dtype) {
  std::vector<torch::Tensor> kept;  // What the views borrow from.
  std::vector<NamedTensor> tensors;
  for (std::size_t i = begin; i < end; ++i) {
    const Item& item = source.items[i];
    NamedTensor tensor{.name = item.name, .view = item.entry.view};
    if (item.floats && (item.entry.delta != nullptr || (dtype && *dtype != tensor.view.dtype))) {
      const Dtype to = dtype.value_or(tensor.view.dtype);
      auto converted = ConvertTensor(item.entry, to, source.owner);
      if (!converted) return converted.error().WithContext("tensor '" + item.name + "'");
      kept.push_back(std::move(*converted));
      tensor.view.dtype = to;
      tensor.view.bytes = {static_cast<const std::byte*>(kept.back().data_ptr()),
                           kept.back().nbytes()};
    }
    tensors.push_back(std::move(tensor));
  }
  Status status = WriteSafetensors(path, tensors, {{"format", "pt"}});
  for (std::size_t i = begin; i < end; ++i) DropPages(source.items[i].entry.view.bytes);
  return status;
}

Status WriteText(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  return out ? Status() : Status(Unavailable(path.string() + ": cannot be written"));
}

Status CopyCompanions(const fs::path& from, const fs::path& beside, const fs::path& out) {
  std::error_code error;
  for (const char* name : kCompanions) {
    const fs::path source = fs::exists(from / name, error) ? from / name : beside / name;
    if (!fs::exists(source, error)) continue;
    if (!fs::copy_file(source, out / name, error)) {
      return Unavailable(source.string() + ": cannot be copied: " + error.message());
    }
  }
  return {};
}

Result<ConvertReport> Convert(const ConvertOptions& options) {
  const auto dtype = WantedType(options.dtype);
  if (!dtype) return Failure(dtype.error());
  if (options.max_shard_bytes < 1) return InvalidArgument("the shard size must be above 0");
  std::error_code error;
  const bool family = !options.adapter.empty() ||
                      fs::exists(options.model / "adapter_config.json", error) ||
                      IsHfConfig(ReadText(options.model / "config.json"));
  auto source = family ? OpenFamily(options, *dtype) : OpenOurs(options);
  if (!source) return Failure(source.error());
  if (Status s = CheckOut(options.out); !s.ok()) return Failure(s);

  ConvertReport report{.tensors = static_cast<std::int64_t>(source->items.size()),
                       .left_out = source->left_out};
  std::vector<std::size_t> ends;  // Of the shards.
  std::int64_t shard_bytes = 0;
  for (std::size_t i = 0; i < source->items.size(); ++i) {
    Item& item = source->items[i];
    const Dtype stored = item.entry.view.dtype;
    item.floats = stored == Dtype::kF64 || stored == Dtype::kF32 || stored == Dtype::kF16 ||
                  stored == Dtype::kBF16;
    const Dtype to = item.floats ? dtype->value_or(stored) : stored;
    item.bytes = ByteCount(to, item.entry.view.shape).value_or(0);
    if (shard_bytes > 0 && shard_bytes + item.bytes > options.max_shard_bytes) {
      ends.push_back(i);
      shard_bytes = 0;
    }
    shard_bytes += item.bytes;
    report.bytes += item.bytes;
  }
  ends.push_back(source->items.size());
  report.files = static_cast<int>(ends.size());

  Json index = {{"metadata", {{"total_size", report.bytes}}}, {"weight_map", Json::object()}};
  std::size_t begin = 0;
  for (std::size_t shard = 0; shard < ends.size(); ++shard) {
    char name[64] = "model.safetensors";
    if (ends.size() > 1) {
      std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", shard + 1, ends.size());
    }
    for (std::size_t i = begin; i < ends[shard]; ++i) {
      index["weight_map"][source->items[i].name] = name;
    }
    if (Status s = WriteShard(options.out / name, *source, begin, ends[shard], *dtype); !s.ok()) {
      return Failure(s);
    }
    begin = ends[shard];
  }
  if (ends.size() > 1) {
    const Status s = WriteText(options.out / "model.safetensors.index.json", index.dump(2) + "\n");
    if (!s.ok()) return Failure(s);
  }
  if (Status s = CopyCompanions(options.model, source->folder, options.out); !s.ok()) {
    return Failure(s);
  }
  if (Status s = WriteText(options.out / "config.json", source->config); !s.ok()) return Failure(s);
  return report;
}

}  // namespace

Result<ConvertReport> ConvertModel(const ConvertOptions& options) {
  try {
    return Convert(options);
  } catch (const std::exception& e) {
    return Internal(std::string("LibTorch: ") + e.what());
  }
}

}  // namespace stillwatch::model
