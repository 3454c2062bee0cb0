// Utf8: code points out of bytes that nobody promised to be UTF-8.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stillwatch::model {

inline constexpr char32_t kReplacement = 0xFFFD;  // Stands for bytes that are no UTF-8.

// All functions: thread-safe.

// What `bytes` (not empty) starts with.
struct Utf8Step {
  char32_t code_point = kReplacement;
  std::size_t size = 1;  // Bytes it takes.  Of wrong bytes: as many as one U+FFFD stands for.
  bool complete = true;  // False: `bytes` ends within what may still become a code point.
};
Utf8Step NextUtf8(std::string_view bytes);

void AppendUtf8(char32_t code_point, std::string& out);

// Each maximal run of bytes that cannot be part of UTF-8 becomes one U+FFFD (as WHATWG, Unicode
// and Rust's from_utf8_lossy do it).
std::u32string DecodeUtf8(std::string_view bytes);

// Appends `bytes` to `out` likewise and returns how many it took: all, or all but the beginning of
// a code point at the end (at most 3 bytes) where more bytes may follow.
std::size_t AppendLossy(std::string_view bytes, bool more_may_follow, std::string& out);

}  // namespace stillwatch::model
