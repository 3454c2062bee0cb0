#include "pipeline/score/truth.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

#include "pipeline/core/time.h"

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

  // [first, last] in frames.
  void Span(const json& from, const std::string& where, std::int64_t* first, std::int64_t* last) {
    const json span = from.value("span", json());
    if (span.is_array() && span.size() == 2 && span[0].is_number_integer() &&
        span[1].is_number_integer()) {
      *first = span[0].get<std::int64_t>();
      *last = span[1].get<std::int64_t>();
      if (*first >= 0 && *last >= *first) return;
    }
    Complain(where + "span", "must be [first, last] in frames, found " + Shown(span));
  }

  // "250ms", above zero; nothing where the key is absent.
  std::optional<std::chrono::nanoseconds> Duration(const json& from, const std::string& where,
                                                   const char* key) {
    const std::string text = Text(from, where, key);
    if (text.empty()) return std::nullopt;
    const auto parsed = ParseDuration(text);
    if (!parsed || *parsed <= std::chrono::nanoseconds(0)) {
      Complain(where + key, "must be a duration like 250ms or 5min, found '" + text + "'");
      return std::nullopt;
    }
    return *parsed;
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

  reader.Span(from, dot, &change.first_frame, &change.last_frame);
  change.clear_from = static_cast<std::int64_t>(reader.Number(from, dot, "clear_from", 0, 1e12, 0));
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

TruthCameraEvent ReadCameraEvent(const json& from, const std::string& where, Reader& reader) {
  TruthCameraEvent event;
  if (!from.is_object()) {
    reader.Complain(where, "must be an object, found " + Reader::Shown(from));
    return event;
  }
  const std::string dot = where + ".";
  event.type = reader.Text(from, dot, "type");
  if (event.type.empty()) reader.Complain(dot + "type", "missing; moved, obstructed ... is wanted");
  for (const json& also : from.value("also", json::array())) {
    if (also.is_string()) event.also.push_back(also.get<std::string>());
  }
  reader.Span(from, dot, &event.first_frame, &event.last_frame);
  event.onset = static_cast<std::int64_t>(
      reader.Number(from, dot, "onset", 0, 1e12, static_cast<double>(event.first_frame)));
  return event;
}

TruthSettings ReadSettings(const json& from, Reader& reader) {
  TruthSettings settings;
  if (!from.is_object()) {
    reader.Complain("settings", "must be an object, found " + Reader::Shown(from));
    return settings;
  }
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  if (const auto interval = reader.Duration(from, "settings.", "interval")) {
    settings.interval = duration_cast<milliseconds>(*interval);
  }
  if (const auto settle = reader.Duration(from, "settings.", "settle")) {
    settings.settle = duration_cast<milliseconds>(*settle);
  }
  settings.frame_interval = reader.Duration(from, "settings.", "frame_interval");
  return settings;
}

// Calls `read(element, "key[i]")` for each element of a list; complains where it is none.
template <typename Function>
void ForEach(const json& list, const std::string& key, Reader& reader, const Function& read) {
  if (!list.is_array()) {
    reader.Complain(key, "must be a list, found " + Reader::Shown(list));
    return;
  }
  for (std::size_t i = 0; i < list.size() && reader.ok(); ++i) {
    read(list[i], key + "[" + std::to_string(i) + "]");
  }
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
  } else {
    ForEach(root.at("changes"), "changes", reader, [&](const json& each, const std::string& where) {
      truth.changes.push_back(ReadChange(each, where, truth, reader));
    });
  }
  ForEach(root.value("camera", json::array()), "camera", reader,
          [&](const json& each, const std::string& where) {
            truth.camera.push_back(ReadCameraEvent(each, where, reader));
          });
  truth.settings = ReadSettings(root.value("settings", json::object()), reader);
  if (!reader.ok()) return Failure(reader.error());
  const auto earlier = [](const auto& a, const auto& b) { return a.first_frame < b.first_frame; };
  std::stable_sort(truth.changes.begin(), truth.changes.end(), earlier);
  std::stable_sort(truth.camera.begin(), truth.camera.end(), earlier);
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
