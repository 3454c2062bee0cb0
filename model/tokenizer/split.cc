#include "model/tokenizer/split.h"

#include <cstddef>

#include "model/tokenizer/unicode.h"

namespace stillwatch::model {
namespace {

bool IsBreak(char32_t c) { return c == '\r' || c == '\n'; }
bool IsOther(char32_t c) { return !IsSpace(c) && !IsLetter(c) && !IsNumber(c); }

// Lower case where (?i:...) of these letters matches: U+017F folds to 's', and no other letter
// outside ASCII folds to one of s t r e v m l d.
char32_t Folded(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + ('a' - 'A');
  return c == 0x17F ? U's' : c;
}

// Length of 's 't 're 've 'm 'll 'd at the start of `text`, or 0.
std::size_t Contraction(std::u32string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const char32_t first = Folded(text[1]);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if (text.size() < 3) return 0;
  const char32_t second = Folded(text[2]);
  if ((first == 'r' || first == 'v') && second == 'e') return 3;
  return first == 'l' && second == 'l' ? 3 : 0;
}

template <typename Is>
std::size_t Run(std::u32string_view text, std::size_t from, Is is) {
  while (from < text.size() && is(text[from])) ++from;
  return from;
}

// Length of the first piece of `text` (not empty): the alternatives of kQwen2Pattern in order.
std::size_t FirstPiece(std::u32string_view text) {
  if (const std::size_t length = Contraction(text)) return length;
  const char32_t c = text[0];
  const bool letter = IsLetter(c), number = IsNumber(c);
  if (letter) return Run(text, 1, IsLetter);
  if (number) return 1;
  if (!IsBreak(c) && text.size() > 1 && IsLetter(text[1])) return Run(text, 2, IsLetter);
  const std::size_t skip = c == ' ' ? 1 : 0;
  if (text.size() > skip && IsOther(text[skip])) {
    return Run(text, Run(text, skip + 1, IsOther), IsBreak);
  }
  // White space.  Up to its last line break, else all but what the next word takes along.
  const std::size_t end = Run(text, 0, IsSpace);
  for (std::size_t i = end; i-- > 0;) {
    if (IsBreak(text[i])) return i + 1;
  }
  return end == text.size() || end == 1 ? end : end - 1;
}

}  // namespace

std::vector<std::u32string_view> SplitText(std::u32string_view text) {
  std::vector<std::u32string_view> pieces;
  while (!text.empty()) {
    const std::size_t length = FirstPiece(text);
    pieces.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return pieces;
}

}  // namespace stillwatch::model
