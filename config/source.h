// Source: a camera's address or file, with its environment variables filled in.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace stillwatch::config {

struct Source {
  std::string opened{};  // Secrets filled in: never print it.
  std::string shown{};   // With {NAME}s.
  // What is wrong, for people; if not empty, the two above mean nothing.  No problem text holds a
  // value of a variable or any part of an address behind its scheme.
  std::vector<std::string> problems{};
};

// `text` is an address (scheme://...) or a path, which counts from `folder` if relative.
Source ResolveSource(std::string_view text, const std::filesystem::path& folder,
                     const Environment& environment);

// An absolute path without "." and "..", counted from `folder` if relative.
std::string ResolvePath(std::string_view path, const std::filesystem::path& folder);

}  // namespace stillwatch::config
