// SplitText: cuts text into the pieces within which byte pairs may merge.
// (Ours, because std::regex knows no \p{L} and no regex library is on every machine.)

#pragma once

#include <string_view>
#include <vector>

namespace stillwatch::model {

// The regex that SplitText is, as tokenizer.json spells it.
inline constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

// Pieces that, joined, are `text`; none is empty.  Linear in its length.  Thread-safe.
std::vector<std::u32string_view> SplitText(std::u32string_view text);

}  // namespace stillwatch::model
