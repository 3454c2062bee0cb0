// Keys: the table of every key that the configuration knows.  It drives the checks, the "did you
// mean" of unknown keys, the JSON Schema and the tests.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stillwatch::config {

enum class ValueKind {
  kText,
  kDuration,     // "2s".
  kNumber,       // With a fraction.
  kInteger,      // Without.
  kChoice,       // One of `choices`.
  kCoordinates,  // [x,y, x,y, ...]
  kSection,      // A map with the keys `keys`.
  kNamed,        // A map of names that people choose; each holds a map with the keys `keys`.
};

struct Key {
  std::string_view name{};
  ValueKind kind = ValueKind::kText;
  std::string_view help{};    // Meaning and unit, for the schema.
  std::string_view wanted{};  // kText: what it is, for errors ("a path").
  bool required = false;
  std::string_view default_text{};  // As one would write it; empty: none, or not one value.
  double min = 0, max = 0;          // Numbers; durations in seconds; kText: bytes, kNamed: entries.
  std::span<const std::string_view> choices{};
  std::span<const Key> keys{};
  bool exactly_one_of_two = false;  // kSection: the first two of `keys` exclude each other.
};

// The top of the file.
std::span<const Key> RootKeys();

// REQUIRES: `keys` has a key of that name.
const Key& KeyNamed(std::span<const Key> keys, std::string_view name);

// "a duration from 100ms to 1h": what a message says of a value.
std::string Wanted(const Key& key);

// Points of a polygon.  The upper limit is a guess: an outline by hand has a dozen.
inline constexpr std::size_t kMinPoints = 3;
inline constexpr std::size_t kMaxPoints = 1000;

// Names of cameras, zones and masks become topics, folders and URLs: [a-z0-9_]{1,64}.
bool IsName(std::string_view text);
inline constexpr std::string_view kNamePattern = "^[a-z0-9_]{1,64}$";

}  // namespace stillwatch::config
