#include "storage/store/search_words.h"

#include <algorithm>
#include <vector>

namespace stillwatch::store {
namespace {

bool IsSpace(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

// Bytes of 128 and above belong to letters of UTF-8, as far as this has to know.
bool HasText(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 128;
  });
}

bool IsArticle(std::string_view word) {
  std::string low(word);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return low == "a" || low == "an" || low == "the";
}

}  // namespace

std::string MatchExpression(std::string_view words) {
  std::vector<std::string_view> kept;
  for (std::size_t at = 0; at < words.size();) {
    if (IsSpace(words[at])) {
      ++at;
      continue;
    }
    const std::size_t start = at;
    while (at < words.size() && !IsSpace(words[at])) ++at;
    if (const auto word = words.substr(start, at - start); HasText(word)) kept.push_back(word);
  }
  // "the ladder" must find "a ladder".
  if (!std::all_of(kept.begin(), kept.end(), IsArticle)) std::erase_if(kept, IsArticle);
  std::string expression;
  for (const std::string_view word : kept) {
    if (!expression.empty()) expression += ' ';
    expression += '"';
    for (const char c : word) expression.append(c == '"' ? 2 : 1, c);
    expression += '"';
  }
  return expression;
}

}  // namespace stillwatch::store
