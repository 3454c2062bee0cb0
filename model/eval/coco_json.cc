#include "model/eval/coco_json.h"

#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace stillwatch::model {
namespace {

using nlohmann::json;

struct Entry {
  std::string id;
  std::string caption;
};

// `where` names the list, for messages.
Result<std::vector<Entry>> ReadEntries(const json& list, const std::string& where) {
  if (!list.is_array()) return DataLoss(where + ": expected a list");
  std::vector<Entry> entries;
  for (const json& item : list) {
    const std::string name = where + "[" + std::to_string(entries.size()) + "]";
    if (!item.is_object()) return DataLoss(name + ": expected an object");
    const auto id = item.find("image_id");
    if (id == item.end() || !(id->is_string() || id->is_number_integer())) {
      return DataLoss(name + ".image_id: expected a text or a whole number");
    }
    const auto caption = item.find("caption");
    if (caption == item.end() || !caption->is_string()) {
      return DataLoss(name + ".caption: expected a text");
    }
    entries.push_back({.id = id->is_string() ? id->get<std::string>() : id->dump(),
                       .caption = caption->get<std::string>()});
  }
  return entries;
}

}  // namespace

Result<std::vector<CaptionCase>> ParseCocoReferences(std::string_view references) {
  const json truth = json::parse(references, nullptr, /*allow_exceptions=*/false);
  if (!truth.is_object() || !truth.contains("annotations")) {
    return DataLoss("references: expected a JSON object with the list \"annotations\"");
  }
  const auto wanted = ReadEntries(truth["annotations"], "references: annotations");
  if (!wanted) return Failure(wanted.error());
  std::vector<CaptionCase> cases;
  std::map<std::string, std::size_t> places;
  for (const Entry& entry : *wanted) {
    const auto [place, fresh] = places.emplace(entry.id, cases.size());
    if (fresh) cases.push_back({.id = entry.id});
    cases[place->second].references.push_back(entry.caption);
  }
  return cases;
}

Result<std::vector<CaptionCase>> ParseCocoCaptions(std::string_view references,
                                                   std::string_view hypotheses) {
  auto cases = ParseCocoReferences(references);
  if (!cases) return cases;
  const json words = json::parse(hypotheses, nullptr, /*allow_exceptions=*/false);
  const auto written = ReadEntries(words, "hypotheses");
  if (!written) return Failure(written.error());
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < cases->size(); ++i) places[(*cases)[i].id] = i;
  std::vector<bool> seen(cases->size(), false);
  for (const Entry& entry : *written) {
    const auto place = places.find(entry.id);
    if (place == places.end()) {
      return DataLoss("hypotheses: image '" + entry.id + "' has no references");
    }
    if (seen[place->second]) return DataLoss("hypotheses: image '" + entry.id + "' stands twice");
    seen[place->second] = true;
    (*cases)[place->second].hypothesis = entry.caption;
  }
  for (std::size_t i = 0; i < cases->size(); ++i) {
    if (!seen[i]) return DataLoss("hypotheses: image '" + (*cases)[i].id + "' is missing");
  }
  return cases;
}

}  // namespace stillwatch::model
