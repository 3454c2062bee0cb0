// Texts of data sets: JSON that may hold broken UTF-8, and what is told of a caption.

#pragma once

#include <string>
#include <string_view>

namespace stillwatch::model {

// The text with every byte that is no part of UTF-8 replaced by U+FFFD.
std::string ReplaceBadUtf8(std::string_view text);

// Whether a text went through ReplaceBadUtf8 unhurt (a U+FFFD of the author's own counts as hurt).
bool IsGoodUtf8(std::string_view text);

// Nothing but white space.
bool IsBlank(std::string_view text);

// Whether a caption says that nothing changed ("there are no differences").
bool SaysNoChange(std::string_view caption);

}  // namespace stillwatch::model
