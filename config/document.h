// Document: a YAML file as a tree of nodes with their positions, and no types yet.

#pragma once

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

struct Entry;

// Plain data: aliases are already copied in.
struct Node {
  enum class Kind { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  Place place{};
  std::string text{};            // kText.
  bool quoted = false;           // kText: "50" is no number.
  std::vector<Node> items{};     // kList.
  std::vector<Entry> entries{};  // kMap: in the file's order, repeated keys included.
};

struct Entry {
  std::string key{};
  Place place{};  // Of the key.
  Node value{};
};

// What a file may cost.  Guesses: a thousand cameras with ten zones each stay below them.
inline constexpr std::size_t kMaxFileBytes = 4 << 20;
inline constexpr int kMaxNodes = 500'000;  // Counted with every alias copied in.
inline constexpr int kMaxDepth = 32;

using ReadResult = tl::expected<std::string, ConfigError>;
using ParseResult = tl::expected<Node, ConfigError>;

// The bytes of a regular file of at most kMaxFileBytes.
[[nodiscard]] ReadResult ReadFile(const std::string& path);

// Checks that `text` is UTF-8 without control characters or tabs in its indentation, and parses it
// (yaml-cpp).  The first mistake ends it, since what follows would be guesswork.
[[nodiscard]] ParseResult ParseYaml(std::string_view text, const std::string& file);

}  // namespace stillwatch::config
