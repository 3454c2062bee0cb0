// Keys: the table of every key that the configuration knows.  It drives the checks, the "did you
// mean" of unknown keys, the JSON Schema and the tests.

#pragma once

#include <span>
#include <string_view>

namespace stillwatch::config {

// What a key holds.
enum class ValueKind {
  kText,
  kDuration,     // "2s"
  kNumber,       // A fraction.
  kInteger,      //
  kChoice,       // One of `choices`.
  kCoordinates,  // [x,y, x,y, ...]
  kSection,      // A map with the keys `keys`.
  kNamed,        // A map of names that people choose, each with the keys `keys`.
};

struct Key {
  std::string_view name{};
  ValueKind kind = ValueKind::kText;
  std::string_view help{};    // For the schema: meaning and unit.
  std::string_view wanted{};  // For errors: "must be <wanted>, found ...".
  bool required = false;
  double min = 0, max = 0;           // kNumber and kInteger; kDuration in seconds.
  std::string_view default_text{};   // As written in the file; empty: none.
  std::span<const std::string_view> choices{};
  std::span<const Key> keys{};
};

// A key of a section that must not stand beside another ("name" and "checkpoint" of model).
std::span<const Key> RootKeys();

// The key `name` of a table.  REQUIRES: it is there.
const Key& KeyNamed(std::span<const Key> keys, std::string_view name);

// Cameras, zones and masks: [a-z0-9_]{1,64}, since they become topics, folders and URLs.
bool IsName(std::string_view text);
inline constexpr std::string_view kNamePattern = "^[a-z0-9_]{1,64}$";

}  // namespace stillwatch::config
