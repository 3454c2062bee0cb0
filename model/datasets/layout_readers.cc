#include "model/datasets/layout_readers.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "model/datasets/text.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Bytes that are no UTF-8 become U+FFFD, so that one caption does not cost the file.
Result<std::string> ReadLenient(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound(path + ": no such file");
  return ReplaceBadUtf8(std::string(std::istreambuf_iterator<char>(in), {}));
}

Result<json> ReadJson(const std::string& path) {
  const auto text = ReadLenient(path);
  if (!text) return Failure(text.error());
  json value = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return DataLoss(path + ": not JSON");
  return value;
}

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// A text of an object, or a whole number as one; empty: there is none.
std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? found->dump() : "";
}

Result<std::vector<std::string>> TextsOf(const json& value, const std::string& where) {
  std::vector<std::string> texts;
  if (!value.is_array()) return DataLoss(where + ": wanted a list of texts");
  for (const json& text : value) {
    if (!text.is_string()) return DataLoss(where + ": wanted a list of texts");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

// The file of that name in the folder or in its annotations' folder.
std::string Find(const std::string& folder, const std::string& name) {
  for (const char* below : {"/", "/annotations/", "/data/annotations/", "/data/"}) {
    if (Exists(folder + below + name)) return folder + below + name;
  }
  return folder + "/" + name;
}

// Calls `take(entry, where, split)` for every object of the lists in the files of the splits.
// `names`: file name -> split.  At least one file must be there.
template <typename Take>
Status ForEachEntry(const std::string& folder, const std::map<std::string, std::string>& names,
                    const Take& take) {
  bool any = false;
  for (const auto& [name, split] : names) {
    const std::string path = Find(folder, name);
    if (!Exists(path)) continue;
    any = true;
    const auto list = ReadJson(path);
    if (!list) return list.error();
    if (!list->is_array()) return DataLoss(path + ": wanted a list");
    std::size_t number = 0;
    for (const json& entry : *list) {
      const std::string where = path + "[" + std::to_string(number++) + "]";
      if (!entry.is_object()) return DataLoss(where + ": wanted an object");
      if (Status s = take(entry, where, split); !s.ok()) return s;
    }
  }
  if (any) return {};
  return NotFound(folder + ": holds none of the annotation files");
}

const std::map<std::string, std::string> kSplitFiles = {
    {"train.json", "train"}, {"val.json", "val"}, {"valid.json", "val"}, {"test.json", "test"}};

// A picture by its name without the ending; the path with .png where there is none.
std::string Picture(const std::string& stem) {
  for (const char* ending : {".png", ".jpg", ".jpeg"}) {
    if (Exists(stem + ending)) return stem + ending;
  }
  return stem + ".png";
}

// Conversations: the pictures of an entry, and what the assistant says.
Status TakeConversation(const json& entry, const std::string& where, const std::string& split,
                        const std::string& pictures, std::vector<LayoutPair>& pairs) {
  LayoutPair pair{.id = TextOf(entry, "id"), .split = split};
  if (pair.id.empty()) pair.id = std::to_string(pairs.size());
  const json& list = entry.contains("image") ? entry["image"] : entry.value("images", json());
  const auto names = TextsOf(list, where + ".image");
  if (!names) return names.error();
  if (names->size() != 2) return DataLoss(where + ".image: wanted two pictures");
  pair.reference = pictures + "/" + (*names)[0];
  pair.current = pictures + "/" + (*names)[1];
  for (const json& turn : entry.value("conversations", json::array())) {
    if (!turn.is_object()) return DataLoss(where + ".conversations: wanted a list of turns");
    if (TextOf(turn, "from") == "gpt" || TextOf(turn, "role") == "assistant") {
      pair.captions.push_back(TextOf(turn, turn.contains("value") ? "value" : "content"));
    }
  }
  if (entry.contains("caption")) pair.captions.push_back(TextOf(entry, "caption"));
  if (entry.contains("captions")) {
    const auto captions = TextsOf(entry["captions"], where + ".captions");
    if (!captions) return captions.error();
    pair.captions.insert(pair.captions.end(), captions->begin(), captions->end());
  }
  pairs.push_back(std::move(pair));
  return {};
}

// {"train": [...], ...} of numbers or names -> id -> split.
Result<std::map<std::int64_t, std::string>> ReadSplits(const std::string& path) {
  const auto splits = ReadJson(path);
  if (!splits) return Failure(splits.error());
  std::map<std::int64_t, std::string> of;
  for (const char* split : {"train", "val", "test"}) {
    for (const json& id : splits->is_object() ? splits->value(split, json::array()) : json()) {
      if (!id.is_number_integer()) return DataLoss(path + ": " + split + ": wanted numbers");
      of[id.get<std::int64_t>()] = split;
    }
  }
  if (of.empty()) return DataLoss(path + ": wanted lists of numbers called train, val and test");
  return of;
}

// "CLEVR_default_000012.png", "000012.png", "12" -> 12; -1: no number.
std::int64_t NumberIn(const std::string& name) {
  const std::string stem = fs::path(name).stem().string();
  const std::string digits = stem.substr(stem.find_last_not_of("0123456789") + 1);
  return digits.empty() || digits.size() > 9 ? -1 : std::stoll(digits);
}

// Names of CLEVR-Change's kinds -> ours.  "material" and what is unknown: other.
std::string KindOf(const std::string& type) {
  const std::map<std::string, std::string> kinds = {
      {"color", "recolored"}, {"add", "added"}, {"drop", "removed"}, {"move", "moved"}};
  const auto found = kinds.find(type);
  return found == kinds.end() ? "other" : found->second;
}

}  // namespace

LayoutPairs ReadSpotTheDiff(const std::string& folder) {
  std::vector<LayoutPair> pairs;
  std::map<std::string, std::size_t> places;
  const Status read = ForEachEntry(
      folder, kSplitFiles,
      [&](const json& entry, const std::string& where, const std::string& split) -> Status {
        const std::string id = TextOf(entry, "img_id");
        if (id.empty()) return DataLoss(where + ".img_id: wanted a text");
        const auto sentences = TextsOf(entry.value("sentences", json()), where + ".sentences");
        if (!sentences) return sentences.error();
        // The files list some pairs several times, with other sentences: they are one pair.
        const auto [place, fresh] = places.emplace(split + "/" + id, pairs.size());
        if (fresh) {
          const std::string stem = folder + "/resized_images/" + id;
          pairs.push_back({.id = id,
                           .reference = Picture(stem),
                           .current = Picture(stem + "_2"),
                           .split = split});
        }
        auto& captions = pairs[place->second].captions;
        captions.insert(captions.end(), sentences->begin(), sentences->end());
        return {};
      });
  if (!read.ok()) return Failure(read);
  return pairs;
}

LayoutPairs ReadImageEditing(const std::string& folder) {
  std::vector<LayoutPair> pairs;
  const Status read = ForEachEntry(
      folder, kSplitFiles,
      [&](const json& entry, const std::string& where, const std::string& split) -> Status {
        const auto sentences = TextsOf(entry.value("sents", json()), where + ".sents");
        if (!sentences) return sentences.error();
        LayoutPair pair{.id = TextOf(entry, "uid"),
                        .reference = folder + "/images/" + TextOf(entry, "img0"),
                        .current = folder + "/images/" + TextOf(entry, "img1"),
                        .captions = *sentences,
                        .split = split};
        if (pair.id.empty()) pair.id = TextOf(entry, "img0");
        pairs.push_back(std::move(pair));
        return {};
      });
  if (!read.ok()) return Failure(read);
  return pairs;
}

LayoutPairs ReadBirdsToWords(const std::string& folder) {
  const std::string path = folder + "/birds-to-words-v1.0.tsv";
  const auto text = ReadLenient(path);
  if (!text) return Failure(text.error());
  std::vector<LayoutPair> pairs;
  std::map<std::string, std::size_t> places;
  std::size_t line_number = 0;
  std::map<std::string, std::size_t> columns;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    std::string line = text->substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.ends_with('\r')) line.pop_back();
    std::vector<std::string> cells;
    for (std::size_t from = 0; from <= line.size();) {
      const std::size_t tab = std::min(line.find('\t', from), line.size());
      cells.push_back(line.substr(from, tab - from));
      from = tab + 1;
    }
    if (line_number == 1) {
      for (std::size_t i = 0; i < cells.size(); ++i) columns[cells[i]] = i;
      for (const char* name : {"img1ImgURL", "img2ImgURL", "split", "description"}) {
        if (!columns.contains(name)) return DataLoss(path + ":1: no column " + name);
      }
      continue;
    }
    if (line.empty()) continue;
    if (cells.size() < columns.size()) {
      return DataLoss(path + ":" + std::to_string(line_number) + ": " +
                      std::to_string(cells.size()) + " columns, wanted " +
                      std::to_string(columns.size()));
    }
    // .../photos/647514/original.jpg?1401... is picture 647514.
    const auto number = [](const std::string& url) {
      const std::size_t from = url.find("/photos/");
      if (from == std::string::npos) return fs::path(url).stem().string();
      const std::size_t first = from + 8;
      return url.substr(first, url.find_first_not_of("0123456789", first) - first);
    };
    const std::string one = number(cells[columns["img1ImgURL"]]);
    const std::string two = number(cells[columns["img2ImgURL"]]);
    const std::string split = cells[columns["split"]];
    const std::string id = one + "-" + two;
    const auto [place, fresh] = places.emplace(split + "/" + id, pairs.size());
    if (fresh) {
      pairs.push_back({.id = id,
                       .reference = Picture(folder + "/images/" + one),
                       .current = Picture(folder + "/images/" + two),
                       .split = split});
    }
    pairs[place->second].captions.push_back(cells[columns["description"]]);
  }
  return pairs;
}

LayoutPairs ReadClevrChange(const std::string& folder) {
  const auto splits = ReadSplits(Find(folder, "splits.json"));
  if (!splits) return Failure(splits.error());
  std::map<std::int64_t, std::string> kinds;
  if (const std::string path = Find(folder, "type_mapping.json"); Exists(path)) {
    const auto types = ReadJson(path);
    if (!types) return Failure(types.error());
    for (const auto& [type, names] : types->items()) {
      for (const json& name : names) {
        if (name.is_string()) kinds[NumberIn(name.get<std::string>())] = KindOf(type);
      }
    }
  }
  const std::string root = Exists(folder + "/images") ? folder : folder + "/data";
  std::vector<LayoutPair> pairs;
  for (const bool changed : {true, false}) {
    const std::string path =
        Find(folder, changed ? "change_captions.json" : "no_change_captions.json");
    const auto captions = ReadJson(path);
    if (!captions) return Failure(captions.error());
    if (!captions->is_object()) return DataLoss(path + ": wanted an object of lists");
    for (const auto& [name, list] : captions->items()) {
      const std::int64_t number = NumberIn(name);
      const auto split = splits->find(number);
      if (split == splits->end()) continue;  // In no split: the authors left it out.
      const auto sentences = TextsOf(list, path + "." + name);
      if (!sentences) return Failure(sentences.error());
      const std::string stem = fs::path(name).stem().string();
      const std::string digits = stem.substr(stem.find_last_not_of("0123456789") + 1);
      const auto kind = kinds.find(number);
      pairs.push_back(
          {.id = (changed ? "semantic_" : "nonsemantic_") + digits,
           .reference = Picture(root + "/images/CLEVR_default_" + digits),
           .current = Picture(
               root + (changed ? "/sc_images/CLEVR_semantic_" : "/nsc_images/CLEVR_nonsemantic_") +
               digits),
           .captions = *sentences,
           .kind = !changed              ? "same"
                   : kind == kinds.end() ? "other"
                                         : kind->second,
           .split = split->second});
    }
  }
  return pairs;
}

LayoutPairs ReadClevrDc(const std::string& folder) {
  std::string split_file = Find(folder, "split_dc.json");
  if (!Exists(split_file)) split_file = Find(folder, "splits.json");
  const auto splits = ReadSplits(split_file);
  if (!splits) return Failure(splits.error());
  std::string path = Find(folder, "captions.json");
  if (!Exists(path)) path = Find(folder, "change_captions.json");  // As others rename it.
  const auto captions = ReadJson(path);
  if (!captions) return Failure(captions.error());
  if (!captions->is_object()) return DataLoss(path + ": wanted an object of lists");
  std::vector<LayoutPair> pairs;
  for (const auto& [name, list] : captions->items()) {
    const std::int64_t number = NumberIn(name);
    const auto split = splits->find(number);
    if (split == splits->end()) continue;
    const auto sentences = TextsOf(list, path + "." + name);
    if (!sentences) return Failure(sentences.error());
    const std::string stem = fs::path(name).stem().string();
    pairs.push_back({.id = stem,
                     .reference = Picture(folder + "/images/" + stem),
                     .current = Picture(folder + "/sc_images/" + stem),
                     .captions = *sentences,
                     .split = split->second});
  }
  return pairs;
}

LayoutPairs ReadOmniDiff(const std::string& folder) {
  std::vector<LayoutPair> pairs;
  bool any = false;
  for (const char* part : {"", "/real", "/render"}) {
    const std::string root = folder + part;
    const bool there = std::any_of(kSplitFiles.begin(), kSplitFiles.end(),
                                   [&root](const auto& f) { return Exists(root + "/" + f.first); });
    if (!there) continue;
    any = true;
    const Status read =
        ForEachEntry(root, kSplitFiles,
                     [&](const json& entry, const std::string& where, const std::string& split) {
                       const std::size_t before = pairs.size();
                       Status taken = TakeConversation(entry, where, split, root, pairs);
                       if (pairs.size() > before && *part != '\0') {
                         pairs.back().id = std::string(part + 1) + "/" + pairs.back().id;
                       }
                       return taken;
                     });
    if (!read.ok()) return Failure(read);
  }
  if (!any) return NotFound(folder + ": holds none of the annotation files");
  return pairs;
}

LayoutPairs ReadLlava(const std::string& folder) {
  std::vector<LayoutPair> pairs;
  const std::string pictures = Exists(folder + "/images") ? folder + "/images" : folder;
  const Status read = ForEachEntry(
      folder, kSplitFiles,
      [&](const json& entry, const std::string& where, const std::string& split) -> Status {
        // Paths count from the folder, or from images/ in it.
        if (Status s = TakeConversation(entry, where, split, folder, pairs); !s.ok()) return s;
        LayoutPair& pair = pairs.back();
        if (!Exists(pair.reference) && pictures != folder) {
          pair.reference = pictures + pair.reference.substr(folder.size());
          pair.current = pictures + pair.current.substr(folder.size());
        }
        return {};
      });
  if (!read.ok()) return Failure(read);
  return pairs;
}

}  // namespace stillwatch::model
