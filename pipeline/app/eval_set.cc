#include "pipeline/app/eval_set.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "pipeline/app/pictures.h"

namespace stillwatch::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Result<Json> ReadJson(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return NotFound(file.string() + ": no such file");
  std::stringstream text;
  text << in.rdbuf();
  Json json = Json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return DataLoss(file.string() + ": not a JSON object");
  return json;
}

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Result<EvalSet> ReadClevrTriples(const fs::path& folder) {
  const auto truth = ReadJson(folder / "truth.json");
  if (!truth) return Failure(truth.error());
  std::vector<fs::path> references;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "images", error)) {
    references.push_back(entry.path());
  }
  if (error) return NotFound((folder / "images").string() + ": " + error.message());
  std::sort(references.begin(), references.end());

  EvalSet set{.name = folder.filename().string()};
  const std::string stem = "CLEVR_default_";
  for (const fs::path& reference : references) {
    const std::string name = reference.filename().string();
    if (!name.starts_with(stem)) continue;
    const std::string number = name.substr(stem.size());
    const auto before = ReadPicture(reference.string());
    if (!before) return Failure(before.error());
    for (const bool changed : {true, false}) {
      const std::string other =
          changed ? "sc_images/CLEVR_semantic_" + number : "nsc_images/CLEVR_nonsemantic_" + number;
      const auto after = ReadPicture((folder / other).string());
      if (!after) return Failure(after.error());
      EvalPair pair{.reference = *before, .current = *after};
      pair.truth.id = other;
      pair.truth.group = changed ? "semantic" : "nonsemantic";
      pair.truth.kind = changed ? "recolored" : model::kSameWord;
      for (const Json& entry : truth->value("semantic", Json::array())) {
        if (!changed || Text(entry, "after") != other) continue;
        pair.truth.thing = Text(entry, "object");
        pair.truth.color = Text(entry, "to");
        pair.truth.color_needed = true;
        pair.truth.references = {Text(entry, "caption")};
      }
      set.pairs.push_back(std::move(pair));
    }
  }
  if (set.pairs.empty()) return NotFound(folder.string() + ": holds no triples");
  return set;
}

Result<EvalSet> ReadEvalSet(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return ReadFootageTruth(path);
  if (!fs::is_directory(path, error)) return NotFound(path.string() + ": no such file or folder");
  if (fs::is_directory(path / "sc_images", error)) return ReadClevrTriples(path);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
    if (entry.path().filename().string().ends_with("truth.json")) files.push_back(entry.path());
  }
  if (files.empty()) {
    return InvalidArgument(path.string() +
                           ": neither a folder of pairs (manifest.json), nor CLEVR-Change triples "
                           "(sc_images/), nor footage with truth.json files");
  }
  std::sort(files.begin(), files.end());
  EvalSet all{.name = path.filename().empty() ? path.parent_path().filename().string()
                                              : path.filename().string()};
  for (const fs::path& file : files) {
    auto set = ReadFootageTruth(file);
    if (!set) return Failure(set.error());
    std::move(set->pairs.begin(), set->pairs.end(), std::back_inserter(all.pairs));
  }
  return all;
}

}  // namespace stillwatch::app
