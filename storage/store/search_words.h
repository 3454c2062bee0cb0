// Search words: what a person types, as an FTS5 expression that cannot be malformed.

#pragma once

#include <string>
#include <string_view>

namespace stillwatch::store {

// Every word becomes a quoted FTS5 string, so that NOT, *, " and ( are text like any other; words
// without a letter or digit and, beside others, the articles a, an and the are left out.  Empty if
// no word is left.
std::string MatchExpression(std::string_view words);

}  // namespace stillwatch::store
