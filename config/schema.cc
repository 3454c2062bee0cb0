#include "config/schema.h"

#include <nlohmann/json.hpp>

#include "config/keys.h"
#include "config/text.h"

namespace stillwatch::config {
namespace {

using Json = nlohmann::ordered_json;

Json Object(std::span<const Key> keys);

Json Value(const Key& key) {
  Json value;
  switch (key.kind) {
    case ValueKind::kText:
      value = {{"type", "string"}, {"minLength", 1}, {"maxLength", static_cast<int>(key.max)}};
      break;
    case ValueKind::kDuration:
      value = {{"type", "string"}, {"pattern", R"(^[0-9]+(\.[0-9]+)?(us|ms|s|min|h|d)$)"}};
      break;
    case ValueKind::kNumber:
      value = {{"type", "number"}, {"minimum", key.min}, {"maximum", key.max}};
      break;
    case ValueKind::kInteger:
      value = {{"type", "integer"},
               {"minimum", static_cast<int>(key.min)},
               {"maximum", static_cast<int>(key.max)}};
      break;
    case ValueKind::kChoice:
      value = {{"enum", key.choices}};
      break;
    case ValueKind::kCoordinates:
      value = {{"type", "array"},
               {"items", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}},
               {"minItems", 2 * kMinPoints},
               {"maxItems", 2 * kMaxPoints}};
      break;
    case ValueKind::kSection:
      value = Object(key.keys);
      if (key.exactly_one_of_two) {
        value["oneOf"] = {{{"required", {key.keys[0].name}}}, {{"required", {key.keys[1].name}}}};
      }
      break;
    case ValueKind::kNamed:
      value = {{"type", "object"},
               {"patternProperties", {{kNamePattern, Object(key.keys)}}},
               {"additionalProperties", false}};
      if (key.min > 0) value["minProperties"] = static_cast<int>(key.min);
      break;
  }
  Json described = {{"description", key.help}};
  if (key.kind == ValueKind::kDuration) {
    described["description"] = std::string(key.help) + "  Must be " + Wanted(key) + ".";
  }
  described.update(value);
  if (key.kind == ValueKind::kNumber) {
    described["default"] = ParseNumber(key.default_text).value_or(0);
  } else if (key.kind == ValueKind::kInteger && !key.default_text.empty()) {
    described["default"] = ParseInteger(key.default_text).value_or(0);
  } else if (!key.default_text.empty()) {
    described["default"] = key.default_text;
  }
  return described;
}

Json Object(std::span<const Key> keys) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Key& key : keys) {
    properties[std::string(key.name)] = Value(key);
    if (key.required) required.push_back(key.name);
  }
  Json object = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) object["required"] = required;
  return object;
}

}  // namespace

std::string Schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Configuration of Stillwatch"}};
  schema.update(Object(RootKeys()));
  return schema.dump(2) + "\n";
}

}  // namespace stillwatch::config
