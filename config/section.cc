#include "config/section.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "config/text.h"
#include "pipeline/core/time.h"

namespace stillwatch::config {
namespace {

using Kind = Node::Kind;

// An empty value has no place of its own.
Place PlaceOf(const Node& value) {
  return value.kind == Kind::kNull && value.key_place.line > 0 ? value.key_place : value.place;
}

std::string Describe(const Node& value) {
  switch (value.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kText:
      return value.quoted ? "the quoted text " + Shown(value.text) : Shown(value.text);
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return {};
}

// Words around a value that YAML took for a map: source: {CAMERA_URL}
bool LooksLikeVariable(const Node& value) {
  return value.kind == Kind::kMap && value.children.size() == 1 &&
         value.children[0].kind == Kind::kNull;
}

// Paths hold names that people chose, and may have chosen badly.
std::string PathPart(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  const bool harmless =
      !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), plain);
  return harmless ? std::string(name) : Shown(name);
}

// Reports each key that is there again.
void ReportRepeated(const Node& map, const std::string& path, Errors* errors) {
  std::map<std::string_view, Place> first;
  for (const Node& entry : map.children) {
    const auto [known, added] = first.emplace(entry.key, entry.key_place);
    if (added) continue;
    errors->Add(
        entry.key_place, path.empty() ? PathPart(entry.key) : path + "." + PathPart(entry.key),
        "given twice, first in line " + std::to_string(known->second.line) + "; keep one of them");
  }
}

}  // namespace

void Errors::Add(Place place, std::string key, std::string message) {
  list.push_back({.file = file,
                  .line = place.line,
                  .column = place.column,
                  .key = std::move(key),
                  .message = std::move(message)});
}

Section::Section(const Node& map, std::span<const Key> keys, std::string path, Place place,
                 Errors* errors)
    : map_(&map), keys_(keys), path_(std::move(path)), place_(place), errors_(errors) {
  ReportRepeated(map, path_, errors_);
  for (const Node& entry : map.children) {
    const bool known = std::any_of(keys.begin(), keys.end(),
                                   [&entry](const Key& key) { return key.name == entry.key; });
    if (!known) ReportUnknown(entry);
  }
  for (const Key& key : keys) {
    if (key.required && !Has(key.name)) {
      errors_->Add(place_, PathOf(key.name), "missing; must be " + Wanted(key));
    }
  }
}

std::string Section::PathOf(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const Node* Section::Find(std::string_view name) const {
  for (const Node& entry : map_->children) {
    if (entry.key == name) return &entry;
  }
  return nullptr;
}

void Section::Report(std::string_view name, std::string message) {
  const Node* value = Find(name);
  errors_->Add(value != nullptr ? PlaceOf(*value) : place_, name.empty() ? path_ : PathOf(name),
               std::move(message));
}

void Section::ReportUnknown(const Node& entry) {
  std::vector<std::string_view> names;
  for (const Key& key : keys_) names.push_back(key.name);
  const std::string_view nearest = Nearest(entry.key, names);
  const std::string hint = nearest.empty() ? "; the keys here are " + Join(names, " and ")
                                           : "; did you mean '" + std::string(nearest) + "'?";
  errors_->Add(entry.key_place, path_, "unknown key " + Shown(entry.key) + hint);
}

void Section::ReportWrong(const Node& value, const std::string& wanted) {
  const std::string quotes =
      LooksLikeVariable(value) ? "; put text that begins with { into quotes" : "";
  errors_->Add(PlaceOf(value), PathOf(value.key),
               "must be " + wanted + ", found " + Describe(value) + quotes);
}

const Node* Section::Value(std::string_view name, Kind kind) {
  const Node* value = Find(name);
  if (value == nullptr || value->kind == kind) return value;
  ReportWrong(*value, Wanted(KeyNamed(keys_, name)));
  return nullptr;
}

std::optional<std::string> Section::Text(std::string_view name) {
  const Key& key = KeyNamed(keys_, name);
  const Node* value = Value(name, Kind::kText);
  if (value == nullptr) return std::nullopt;
  const std::string& text = value->text;
  if (key.kind == ValueKind::kChoice) {
    if (std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end()) return text;
    const std::string_view nearest = Nearest(text, key.choices);
    errors_->Add(value->place, PathOf(name),
                 "must be " + Wanted(key) + ", found " + Shown(text) +
                     (nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?"));
    return std::nullopt;
  }
  if (!text.empty() && text.size() <= static_cast<std::size_t>(key.max) && !HasControl(text)) {
    return text;
  }
  const std::string found =
      text.empty()       ? "empty text"
      : HasControl(text) ? "a control character in it"
                         : Count(text.size(), "byte") + ", more than " + FormatNumber(key.max);
  errors_->Add(value->place, PathOf(name), "must be " + Wanted(key) + ", found " + found);
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Section::Duration(std::string_view name) {
  const Key& key = KeyNamed(keys_, name);
  const Node* value = Value(name, Kind::kText);
  if (value == nullptr) return std::nullopt;
  const auto duration = ParseDuration(value->text);
  if (duration) {
    const std::chrono::duration<double> seconds = *duration;
    if (seconds.count() >= key.min && seconds.count() <= key.max) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(*duration);
    }
  }
  const bool unit_missing = ParseNumber(value->text).has_value();
  errors_->Add(value->place, PathOf(name),
               "must be " + Wanted(key) + ", found " + Shown(value->text) +
                   (unit_missing ? " without a unit" : ""));
  return std::nullopt;
}

std::optional<double> Section::Number(std::string_view name) {
  const Key& key = KeyNamed(keys_, name);
  const Node* value = Value(name, Kind::kText);
  if (value == nullptr) return std::nullopt;
  const std::optional<double> number = ParseNumber(value->text);
  if (number && !value->quoted && *number >= key.min && *number <= key.max) return number;
  ReportWrong(*value, Wanted(key));
  return std::nullopt;
}

std::optional<int> Section::Integer(std::string_view name) {
  const Key& key = KeyNamed(keys_, name);
  const Node* value = Value(name, Kind::kText);
  if (value == nullptr) return std::nullopt;
  const std::optional<int> number = ParseInteger(value->text);
  if (number && !value->quoted && *number >= key.min && *number <= key.max) return number;
  ReportWrong(*value, Wanted(key));
  return std::nullopt;
}

std::optional<Polygon> Section::Coordinates(std::string_view name) {
  const Node* list = Value(name, Kind::kList);
  if (list == nullptr) return std::nullopt;
  const std::string path = PathOf(name);
  std::vector<double> numbers;
  for (const Node& item : list->children) {
    const std::optional<double> number =
        item.kind == Kind::kText && !item.quoted ? ParseNumber(item.text) : std::nullopt;
    if (number && *number >= 0 && *number <= 1) {
      numbers.push_back(*number);
      continue;
    }
    // One for all: whoever wrote one number in pixels wrote each so.
    const std::string hint = number && *number > 1 ? "; pixels are not accepted: divide x by the "
                                                     "picture's width and y by its height"
                             : item.kind == Node::Kind::kList
                                 ? "; write all x,y one after the other in one list"
                                 : "";
    errors_->Add(PlaceOf(item), path,
                 "each number must be a fraction 0..1, found " + Describe(item) + hint);
    return std::nullopt;
  }
  if (numbers.size() % 2 != 0) {
    errors_->Add(
        list->place, path,
        "must be pairs x,y; found " + Count(numbers.size(), "number") + ", so one x has no y");
    return std::nullopt;
  }
  Polygon polygon;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    polygon.push_back({.x = numbers[i], .y = numbers[i + 1]});
  }
  if (polygon.size() < kMinPoints || polygon.size() > kMaxPoints) {
    errors_->Add(list->place, path,
                 "must have " + std::to_string(kMinPoints) + " to " + std::to_string(kMaxPoints) +
                     " points, found " + std::to_string(polygon.size()));
    return std::nullopt;
  }
  // Twice the area of the triangle on the first side, to within rounding.
  const Point o = polygon[0];
  const auto b = std::find_if(polygon.begin(), polygon.end(), [o](Point p) { return p != o; });
  const bool flat =
      b == polygon.end() || std::all_of(polygon.begin(), polygon.end(), [&](Point p) {
        return std::abs((b->x - o.x) * (p.y - o.y) - (p.x - o.x) * (b->y - o.y)) < 1e-12;
      });
  if (flat) {
    errors_->Add(list->place, path, "all points lie on one line, so nothing is inside");
    return std::nullopt;
  }
  return polygon;
}

std::optional<Section> Section::Child(std::string_view name) {
  const Node* map = Value(name, Kind::kMap);
  if (map == nullptr) return std::nullopt;
  return Section(*map, KeyNamed(keys_, name).keys, PathOf(name), map->key_place, errors_);
}

Section::Named Section::Children(std::string_view name) {
  const Key& key = KeyNamed(keys_, name);
  const Node* map = Value(name, Kind::kMap);
  Named named;
  if (map == nullptr) return named;
  const std::string path = PathOf(name);
  if (map->children.size() < static_cast<std::size_t>(key.min)) {
    errors_->Add(PlaceOf(*map), path, "holds no entry; at least one is needed");
  }
  ReportRepeated(*map, path, errors_);
  for (const Node& entry : map->children) {
    if (!IsName(entry.key)) {
      errors_->Add(entry.key_place, path,
                   Shown(entry.key) + " cannot be a name; use a-z, 0-9 and _, 1 to 64 of them");
    }
    if (entry.kind != Kind::kMap) {
      errors_->Add(PlaceOf(entry), path + "." + PathPart(entry.key),
                   "must be a map of keys and values, found " + Describe(entry));
      continue;
    }
    named.emplace_back(entry.key, Section(entry, key.keys, path + "." + PathPart(entry.key),
                                          entry.key_place, errors_));
  }
  return named;
}

}  // namespace stillwatch::config
