// PtbLexer: finds the next Penn Treebank token of a text; for ptb_tokens.cc alone.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stillwatch::model {

// One token: how much text it takes, and what it is written as if that is not the text itself.
struct PtbToken {
  std::size_t size = 0;
  std::u32string text{};  // Empty: the text as it stands.
  bool dropped = false;   // Counts as no word.
};

// The token at the start of text.substr(at).  Of all patterns that match there the longest wins.
// REQUIRES: at < text.size() and text[at] is no white space.  Thread-safe.
PtbToken NextPtbToken(std::u32string_view text, std::size_t at);

}  // namespace stillwatch::model
