#include "model/checkpoint/checkpoint.h"

#include <map>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"

namespace stillwatch::model {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

// Tensor name -> shard file name.
using WeightMap = std::map<std::string, std::string, std::less<>>;

Result<WeightMap> ParseIndex(std::string_view text) {
  if (Status status = CheckJson(text, 4); !status.ok()) return Failure(status);
  const json document = json::parse(text);
  const auto map = document.is_object() ? document.find("weight_map") : document.end();
  if (!document.is_object() || map == document.end() || !map->is_object() || map->empty()) {
    return DataLoss("weight_map: expected an object of tensor name to file name");
  }
  WeightMap weights;
  for (const auto& [name, file] : map->items()) {
    const std::string where = "weight_map." + name;
    if (!file.is_string()) return DataLoss(where + ": expected a file name");
    const auto& shard = file.get_ref<const std::string&>();
    // A plain name: an index must not make us read files of other folders.
    if (shard.empty() || shard == "." || shard == ".." ||
        shard.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
      return DataLoss(where + ": expected a file name without folder, found '" + shard + "'");
    }
    weights.emplace(name, shard);
  }
  return weights;
}

Result<WeightMap> ReadIndex(const fs::path& path) {
  auto file = MappedFile::Open(path);
  if (!file) return Failure(file.error());
  const auto bytes = file->bytes();
  try {
    auto weights =
        ParseIndex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    if (!weights) return Failure(weights.error().WithContext(path.string()));
    return weights;
  } catch (const std::exception& e) {
    return DataLoss(path.string() + ": " + e.what());
  }
}

}  // namespace

Result<Checkpoint> Checkpoint::Open(const fs::path& path) {
  Checkpoint checkpoint;
  checkpoint.label_ = path.string();
  std::error_code error;
  WeightMap weights;  // Empty: one file, without an index.
  fs::path folder = path;
  if (!fs::is_directory(path, error)) {
    checkpoint.paths_.push_back(path);
  } else if (fs::exists(path / kSingle, error)) {
    checkpoint.paths_.push_back(path / kSingle);
  } else if (fs::exists(path / kIndex, error)) {
    auto read = ReadIndex(path / kIndex);
    if (!read) return Failure(read.error());
    weights = std::move(*read);
    std::map<std::string, int> shards;
    for (const auto& [name, shard] : weights) ++shards[shard];
    for (const auto& [shard, count] : shards) checkpoint.paths_.push_back(path / shard);
  } else {
    return NotFound(path.string() + ": holds neither " + kSingle + " nor " + kIndex);
  }

  for (const fs::path& shard : checkpoint.paths_) {
    auto file = SafetensorsFile::Open(shard);
    if (!file) return Failure(file.error());
    for (const auto& [name, view] : file->tensors()) {
      if (!weights.empty()) {
        const auto listed = weights.find(name);
        if (listed == weights.end() || listed->second != shard.filename()) {
          return DataLoss(
              shard.string() + ": tensor '" + name + "': " + kIndex +
              (listed == weights.end() ? " does not list it" : " says it is in " + listed->second));
        }
      }
      checkpoint.tensors_.emplace(name, view);
    }
    checkpoint.files_.push_back(std::move(*file));
  }
  for (const auto& [name, shard] : weights) {
    if (!checkpoint.tensors_.contains(name)) {
      return DataLoss((path / shard).string() + ": tensor '" + name + "': " + kIndex +
                      " says it is here, but it is not");
    }
  }
  return checkpoint;
}

const TensorView* Checkpoint::Find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

Result<TensorView> Checkpoint::Get(std::string_view name,
                                   std::span<const std::int64_t> shape) const {
  const TensorView* view = Find(name);
  if (view == nullptr) {
    return NotFound(label_ + ": tensor '" + std::string(name) + "' is missing");
  }
  if (!std::equal(shape.begin(), shape.end(), view->shape.begin(), view->shape.end())) {
    return DataLoss(label_ + ": tensor '" + std::string(name) + "' is " +
                    Describe(view->dtype, view->shape) + ", expected " +
                    Describe(view->dtype, shape));
  }
  return *view;
}

}  // namespace stillwatch::model
