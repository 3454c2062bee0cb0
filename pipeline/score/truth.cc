#include "pipeline/score/truth.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

namespace stillwatch::score {
namespace {

using nlohmann::json;

// Collects the first complaint, so that the readers below stay readable.  Used by one call.
class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  bool ok() const { return error_.empty(); }
  Status error() const { return {StatusCode::kDataLoss, error_}; }
  void Complain(const std::string& key, const std::string& wanted) {
    if (error_.empty()) error_ = std::string(file_) + ": " + key + ": " + wanted;
  }

  // A number within low..high; `fallback` where the key is absent and there is one.
  double Number(const json& from, const std::string& where, const char* key, double low,
                double high, std::optional<double> fallback = std::nullopt) {
    const std::string name = where + key;
    if (!from.contains(key)) {
      if (!fallback) Complain(name, "missing; a number is wanted");
      return fallback.value_or(low);
    }
    const json& value = from.at(key);
    if (!value.is_number()) {
      Complain(name, "must be a number, found " + Shown(value));
      return low;
    }
    const double number = value.get<double>();
    if (!(number >= low && number <= high)) {
      Complain(name,
               "must be within " + Shown(low) + ".." + Shown(high) + ", found " + Shown(value));
      return low;
    }
    return number;
  }

  std::string Text(const json& from, const std::string& where, const char* key) {
    if (!from.contains(key)) return {};
    if (!from.at(key).is_string()) {
      Complain(where + key, "must be a text, found " + Shown(from.at(key)));
      return {};
    }
    return from.at(key).get<std::string>();
  }

  // [x, y, w, h] in pixels of the picture.
  Region Box(const json& value, const std::string& where, double width, double height) {
    const bool four =
        value.is_array() && value.size() == 4 &&
        std::all_of(value.begin(), value.end(), [](const json& each) { return each.is_number(); });
    if (!four) {
      Complain(where, "must be [x, y, width, height] in pixels, found " + Shown(value));
      return {};
    }
    const double x = value[0], y = value[1], w = value[2], h = value[3];
    // A pixel beyond the rim is rounding of whoever drew the box.
    if (!(w > 0 && h > 0 && x >= -1 && y >= -1 && x + w <= width + 1 && y + h <= height + 1)) {
      Complain(where, "must lie in the picture of " + Shown(width) + "x" + Shown(height) +
                          " pixels, found " + Shown(value));
      return {};
    }
    return {x / width, y / height, w / width, h / height};
  }

  static std::string Shown(const json& value) {
    std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    constexpr std::size_t kMost = 60;
    if (text.size() > kMost) text = text.substr(0, kMost) + "...";
    return text;
  }

 private:
  std::string_view file_;
  std::string error_;
};

TruthChange ReadChange(const json& from, const std::string& where, const Truth& truth,
                       Reader& reader) {
  TruthChange change;
  if (!from.is_object()) {
    reader.Complain(where, "must be an object, found " + Reader::Shown(from));
    return change;
  }
  const std::string dot = where + ".";
  change.id = static_cast<int>(reader.Number(from, dot, "id", 0, 1e9));
  const std::string kind = reader.Text(from, dot, "kind");
  if (const auto parsed = ParseChangeKind(kind)) {
    change.kind = *parsed;
  } else {
    reader.Complain(dot + "kind",
                    "must be a kind of change (added, removed, moved ...), found '" + kind + "'");
  }
  change.object = reader.Text(from, dot, "object");
  change.caption = reader.Text(from, dot, "caption");

  const json span = from.value("span", json());
  if (span.is_array() && span.size() == 2 && span[0].is_number_integer() &&
      span[1].is_number_integer()) {
    change.first_frame = span[0].get<std::int64_t>();
    change.last_frame = span[1].get<std::int64_t>();
  }
  if (!span.is_array() || span.size() != 2 || !span[0].is_number_integer() ||
      !span[1].is_number_integer() || change.first_frame < 0 ||
      change.last_frame < change.first_frame) {
    reader.Complain(dot + "span", "must be [first, last] in frames, found " + Reader::Shown(span));
  }
  change.box = reader.Box(from.value("bbox", json()), dot + "bbox", truth.width, truth.height);
  const json parts = from.value("parts", json::array());
  if (!parts.is_array()) {
    reader.Complain(dot + "parts", "must be a list of boxes, found " + Reader::Shown(parts));
    return change;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    change.parts.push_back(
        reader.Box(parts[i], dot + "parts[" + std::to_string(i) + "]", truth.width, truth.height));
  }
  return change;
}

Result<Truth> Read(const json& root, std::string_view name) {
  Reader reader(name);
  if (!root.is_object()) {
    reader.Complain("the file", "must hold one JSON object, found " + Reader::Shown(root));
    return Failure(reader.error());
  }
  Truth truth;
  truth.media = reader.Text(root, "", "media");
  truth.width = static_cast<int>(reader.Number(root, "", "width", 1, 1 << 15));
  truth.height = static_cast<int>(reader.Number(root, "", "height", 1, 1 << 15));
  truth.fps = reader.Number(root, "", "fps", 0, 10000, 0);
  truth.frame_count = static_cast<std::int64_t>(reader.Number(root, "", "frame_count", 0, 1e12, 0));
  if (!root.contains("changes")) {
    reader.Complain("changes", "missing; a list is wanted (empty where nothing changes)");
  } else if (!root.at("changes").is_array()) {
    reader.Complain("changes", "must be a list, found " + Reader::Shown(root.at("changes")));
  } else {
    const json& changes = root.at("changes");
    for (std::size_t i = 0; i < changes.size() && reader.ok(); ++i) {
      truth.changes.push_back(
          ReadChange(changes[i], "changes[" + std::to_string(i) + "]", truth, reader));
    }
  }
  if (!reader.ok()) return Failure(reader.error());
  std::stable_sort(
      truth.changes.begin(), truth.changes.end(),
      [](const TruthChange& a, const TruthChange& b) { return a.first_frame < b.first_frame; });
  return truth;
}

}  // namespace

Result<Truth> ParseTruth(std::string_view text, std::string_view name) {
  try {
    return Read(json::parse(text), name);
  } catch (const json::exception& error) {
    return DataLoss(std::string(name) + ": not a truth file: " + error.what());
  }
}

Result<Truth> LoadTruth(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return NotFound(path + ": no such truth file");
  }
  if (!std::filesystem::is_regular_file(path, error)) {
    return Unavailable(path + ": not a file; name the truth file itself");
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file && !file.eof()) return Unavailable(path + ": cannot be read");
  return ParseTruth(text, path);
}

}  // namespace stillwatch::score
