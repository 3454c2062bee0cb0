#include "model/train/pair_set.h"

#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>

#include "model/m3diff/config.h"
#include "pipeline/core/event.h"

namespace stillwatch::model {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

struct Manifest {
  int size = 0;
  std::int64_t count = 0;
};

Result<Manifest> ReadManifest(const std::string& path) {
  std::ifstream in(path);
  if (!in) return NotFound(path + ": no such file; is this a folder of training pairs?");
  std::stringstream text;
  text << in.rdbuf();
  const json root = json::parse(text.str(), nullptr, false);
  const auto number = [&](const char* key) -> std::int64_t {
    if (!root.is_object() || !root.contains(key) || !root[key].is_number_integer()) return -1;
    return root[key].get<std::int64_t>();
  };
  if (number("version") != kVersion) return DataLoss(path + ": version: wanted 1");
  const Manifest manifest{.size = static_cast<int>(number("size")), .count = number("count")};
  if (number("size") < 32 || number("size") > 4096) {
    return DataLoss(path + ": size: wanted 32 to 4096");
  }
  if (manifest.count < 0 || manifest.count > (std::int64_t{1} << 31)) {
    return DataLoss(path + ": count: wanted a whole number of pairs");
  }
  return manifest;
}

std::optional<std::array<float, 4>> Rectangle(const json& value) {
  if (!value.is_array() || value.size() != 4) return std::nullopt;
  std::array<float, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) {
    if (!value[i].is_number()) return std::nullopt;
    out[i] = value[i].get<float>();
    if (!(out[i] >= -1e-3F && out[i] <= 1.001F)) return std::nullopt;
  }
  return out;
}

// The entry, or what is wrong with the line.
Result<PairEntry> ParsePair(const std::string& line) {
  const json root = json::parse(line, nullptr, false);
  if (!root.is_object()) return DataLoss("not a JSON object");
  const auto text = [&](const char* key) {
    return root.contains(key) && root[key].is_string() ? root[key].get<std::string>() : "";
  };
  PairEntry pair;
  pair.id = text("id");
  if (root.contains("id") && root["id"].is_number_integer()) pair.id = root["id"].dump();
  if (pair.id.empty()) return DataLoss("id: wanted a text or a whole number");
  pair.noun = text("noun");
  pair.color = text("color");
  const std::string kind = text("kind");
  const auto parsed = ParseChangeKind(kind);
  if (kind == "same") {
    pair.kind = kSameKind;
  } else if (parsed && static_cast<int>(*parsed) < kSceneKinds) {
    pair.kind = static_cast<int>(*parsed);
  } else {
    return DataLoss("kind: wanted a kind of scene change or 'same', found '" + kind + "'");
  }
  pair.changed = pair.kind != kSameKind;
  if (!root.contains("changed") || root["changed"] != pair.changed) {
    return DataLoss("changed: does not fit kind '" + kind + "'");
  }
  if (!root.contains("captions") || !root["captions"].is_array() || root["captions"].empty()) {
    return DataLoss("captions: wanted a list of texts");
  }
  for (const json& caption : root["captions"]) {
    if (!caption.is_string()) return DataLoss("captions: wanted a list of texts");
    pair.captions.push_back(caption.get<std::string>());
  }
  const auto crop = root.contains("crop") ? Rectangle(root["crop"]) : std::nullopt;
  if (!crop) return DataLoss("crop: wanted four fractions");
  pair.crop = *crop;
  const auto region = root.contains("region") ? Rectangle(root["region"]) : std::nullopt;
  if (!region) return DataLoss("region: wanted four fractions");
  pair.region = *region;
  const std::string split = text("split");
  if (split == "train") {
    pair.split = Split::kTrain;
  } else if (split == "val") {
    pair.split = Split::kVal;
  } else if (split == "test") {
    pair.split = Split::kTest;
  } else {
    return DataLoss("split: wanted train, val or test");
  }
  return pair;
}

}  // namespace

Result<PairSet> PairSet::Open(const std::string& folder) {
  auto pictures = MappedFile::Open(folder + "/pictures.u8");
  if (!pictures) return tl::unexpected(pictures.error());
  PairSet set(folder, std::move(*pictures));
  if (Status status = set.Refresh(); !status.ok()) return tl::unexpected(status);
  return set;
}

Status PairSet::Refresh() {
  const auto manifest = ReadManifest(folder_ + "/manifest.json");
  if (!manifest) return manifest.error();
  if (size_ != 0 && manifest->size != size_) {
    return DataLoss(folder_ + "/manifest.json: size changed while in use");
  }
  if (manifest->count < count()) return {};  // Being replaced: what we have is as good.

  auto pictures = MappedFile::Open(folder_ + "/pictures.u8");
  if (!pictures) return pictures.error();
  const auto wanted = static_cast<std::size_t>(manifest->count) * 2 * 3 *
                      static_cast<std::size_t>(manifest->size) *
                      static_cast<std::size_t>(manifest->size);
  if (pictures->bytes().size() < wanted) {
    return DataLoss(folder_ + "/pictures.u8: " + std::to_string(pictures->bytes().size()) +
                    " bytes, the manifest's " + std::to_string(manifest->count) + " pairs need " +
                    std::to_string(wanted));
  }
  const std::string path = folder_ + "/pairs.jsonl";
  std::ifstream in(path);
  if (!in) return NotFound(path + ": no such file");
  std::vector<PairEntry> pairs = pairs_;
  std::string line;
  for (std::int64_t row = 0; row < manifest->count; ++row) {
    if (!std::getline(in, line)) {
      return DataLoss(path + ": " + std::to_string(row) + " lines, the manifest says " +
                      std::to_string(manifest->count));
    }
    if (row < count()) continue;
    auto pair = ParsePair(line);
    if (!pair) return pair.error().WithContext(path + ":" + std::to_string(row + 1));
    pairs.push_back(std::move(*pair));
  }
  size_ = manifest->size;
  pairs_ = std::move(pairs);
  pictures_ = std::move(*pictures);
  return {};
}

std::vector<std::int64_t> PairSet::Indices(Split split) const {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < count(); ++i) {
    if (pair(i).split == split) indices.push_back(i);
  }
  return indices;
}

std::span<const std::byte> PairSet::Bytes(std::int64_t picture) const {
  const auto bytes = static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_) * 3;
  return pictures_.bytes().subspan(static_cast<std::size_t>(picture) * bytes, bytes);
}

}  // namespace stillwatch::model
