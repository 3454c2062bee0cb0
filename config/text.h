// Text: small helpers for reading and showing what stands in a configuration file.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stillwatch::config {

// Length of the UTF-8 sequence at the front (RFC 3629: no overlong forms, no surrogates), or 0.
std::size_t Utf8Length(std::string_view text);

// True for a character below U+0020, U+007F and U+0080 to U+009F (control characters) at the
// front, line ends and tabs among them.
bool IsControl(std::string_view text);
bool HasControl(std::string_view text);

char ToLower(char c);  // ASCII alone, whatever the locale.

// `text` in quotes for a message: shortened, control characters as '?'.  What looks like an
// address is not shown at all, since it may hold a password.
std::string Shown(std::string_view text);

// A number without an exponent, as short as it can be without loss: "0.0005".
std::string FormatNumber(double value);

// The whole text as a finite number (std::from_chars), or nothing.
std::optional<double> ParseNumber(std::string_view text);
std::optional<int> ParseInteger(std::string_view text);

// The candidate that `text` is most likely meant to be, or empty: the one with the fewest edits
// (letters added, lost, changed or swapped; case does not count), if at most a third of its
// letters, and at least one, would change.  A guess.
std::string_view Nearest(std::string_view text, std::span<const std::string_view> candidates);

// "a, b or c".
std::string Join(std::span<const std::string_view> words, std::string_view last = " or ");

// "1 camera", "2 cameras".
std::string Count(std::size_t number, std::string_view noun);

}  // namespace stillwatch::config
