#include "model/eval/ptb_tokens.h"

#include "model/eval/ptb_lexer.h"
#include "model/tokenizer/unicode.h"
#include "model/tokenizer/utf8.h"

namespace stillwatch::model {
namespace {

// ASCII, Latin-1, Greek and Cyrillic; other scripts with two cases are left as they are.
char32_t ToLower(char32_t c) {
  const bool by_32 = (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
                     (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F);
  if (by_32) return c + 32;
  return c >= 0x400 && c <= 0x40F ? c + 80 : c;
}

}  // namespace

std::vector<std::string> PtbTokens(std::string_view caption) {
  const std::u32string text = DecodeUtf8(caption);
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (IsSpace(text[at])) {
      ++at;
      continue;
    }
    const PtbToken token = NextPtbToken(text, at);
    if (!token.dropped) {
      std::string word;
      const std::u32string_view written =
          token.text.empty() ? std::u32string_view(text).substr(at, token.size) : token.text;
      // Apostrophes of all kinds are written as one.
      for (const char32_t c : written) AppendUtf8(c == 0x2019 ? U'\'' : ToLower(c), word);
      tokens.push_back(std::move(word));
    }
    at += token.size;
  }
  return tokens;
}

}  // namespace stillwatch::model
