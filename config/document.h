// Document: a YAML file as a tree of nodes with their positions, and no types yet.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace stillwatch::config {

// Position in the file, from 1; columns in bytes.
struct Place {
  int line = 0;
  int column = 0;
};

// Plain data.  Aliases are copied in: an error in one is reported where it is written.
struct Node {
  enum class Kind { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  Place place{};
  std::string text{};            // kText.
  bool quoted = false;           // kText: "50" is text and no number.
  std::string key{};             // As a child of a kMap.
  Place key_place{};             // As a child of a kMap.
  std::vector<Node> children{};  // kList and kMap: in the file's order, repeated keys included.
};

// What a file may cost.  Guesses: 100 cameras with 50 zones each stay below them.
inline constexpr std::size_t kMaxFileBytes = 1 << 20;
inline constexpr int kMaxNodes = 100'000;  // Keys included, every alias counted as its copy.
inline constexpr int kMaxDepth = 32;

// The bytes of a regular file of at most kMaxFileBytes.
using ReadResult = tl::expected<std::string, ConfigError>;
[[nodiscard]] ReadResult ReadFile(const std::string& path);

// Checks that `text` is UTF-8 without control characters, then parses it with yaml-cpp.  The first
// mistake ends it, since what follows would be guesswork.
using ParseResult = tl::expected<Node, ConfigError>;
[[nodiscard]] ParseResult ParseYaml(std::string_view text, const std::string& file);

}  // namespace stillwatch::config
