// ByteLevel: the 256 letters that stand for bytes in a vocabulary file (GPT-2's table).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stillwatch::model {

// Printable Latin-1 characters stand for themselves, the other bytes for U+0100 onwards: a space
// is written "Ġ".  Both functions: thread-safe.

// How a vocabulary file writes this byte, in UTF-8.
std::string LetterOfByte(std::uint8_t byte);

// The bytes that a vocabulary entry stands for; an entry with a letter of no byte stands for its
// own UTF-8.
std::string BytesOfToken(std::string_view token);

}  // namespace stillwatch::model
