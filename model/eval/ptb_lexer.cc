#include "model/eval/ptb_lexer.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "model/tokenizer/unicode.h"

namespace stillwatch::model {
namespace {

using Text = std::u32string_view;  // The rest of the caption, from where a token starts.

char32_t Lower(char32_t c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }
bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }
bool IsAsciiLetter(char32_t c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }
bool IsAlnum(char32_t c) { return IsAsciiLetter(c) || IsDigit(c); }
// Java reads UTF-16, where what lies beyond the first plane is no letter.
bool IsWordLetter(char32_t c) { return c < 0x10000 && IsLetter(c); }
bool IsWordChar(char32_t c) { return IsWordLetter(c) || IsDigit(c); }
bool IsApostrophe(char32_t c) { return c == '\'' || c == 0x2019 || c == 0x92 || c == 0xB4; }

char32_t At(Text text, std::size_t i) { return i < text.size() ? text[i] : U'\0'; }

template <typename Is>
std::size_t Run(Text text, std::size_t from, Is is) {
  while (from < text.size() && is(text[from])) ++from;
  return from;
}

// True if `word` (lower case) stands at `from`, in any case; `'` matches any apostrophe.
bool Stands(Text text, std::size_t from, std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char32_t c = At(text, from + i);
    if (word[i] == '\'' ? !IsApostrophe(c) : Lower(c) != static_cast<char32_t>(word[i])) {
      return false;
    }
  }
  return true;
}

// Length of `'s`, `'ll` and the like at `from`, or 0.
std::size_t Clitic(Text text, std::size_t from) {
  for (const char* word : {"'s", "'m", "'d", "'re", "'ve", "'ll"}) {
    const std::size_t size = std::string_view(word).size();
    if (Stands(text, from, word) && !IsWordChar(At(text, from + size))) return size;
  }
  return 0;
}

// Length of `n't` at `from`, or 0.
std::size_t Negation(Text text, std::size_t from) {
  return Stands(text, from, "n't") && !IsWordLetter(At(text, from + 3)) ? 3 : 0;
}

// Words that are two: "can" + "not".  Returns the length of the first half, or 0.
std::size_t FirstHalf(Text text) {
  struct Row {
    std::string_view word;
    std::size_t first;
  };
  static constexpr std::array<Row, 8> kRows = {{{"cannot", 3},
                                                {"gonna", 3},
                                                {"gotta", 3},
                                                {"lemme", 3},
                                                {"gimme", 3},
                                                {"wanna", 3},
                                                {"'tis", 2},
                                                {"'twas", 2}}};
  for (const Row& row : kRows) {
    if (Stands(text, 0, row.word) && !IsWordChar(At(text, row.word.size()))) return row.first;
  }
  return 0;
}

// Letters and digits, also with a sentence mark between letters: "left.And" is one word.
std::size_t Word(Text text) {
  if (!IsWordLetter(At(text, 0))) return 0;
  std::size_t end = Run(text, 1, IsWordChar);
  while ((At(text, end) == '.' || At(text, end) == '!' || At(text, end) == '?') &&
         IsWordLetter(At(text, end + 1))) {
    end = Run(text, end + 1, IsWordChar);
  }
  return end;
}

// 5, 1,234.56, 10:30, .5
std::size_t UnsignedNumber(Text text, std::size_t from) {
  std::size_t end = Run(text, from, IsDigit);
  while ((At(text, end) == '.' || At(text, end) == ',' || (At(text, end) == ':' && end > from)) &&
         IsDigit(At(text, end + 1))) {
    end = Run(text, end + 1, IsDigit);
  }
  return end;
}

// The longer of a number and a run of letters and digits; `from` if there is neither.
std::size_t Part(Text text, std::size_t from) {
  return std::max(UnsignedNumber(text, from), Run(text, from, IsAlnum));
}

// 12th, -5, 20-30, 10:30-11:00, d'Artagnan.
std::size_t Thing(Text text) {
  std::size_t from = 0;
  if (At(text, 0) == '-' || At(text, 0) == '+') {
    if (UnsignedNumber(text, 1) == 1) return 0;
    from = 1;
  } else if ((Stands(text, 0, "d'") || Stands(text, 0, "o'") || Stands(text, 0, "l'")) &&
             IsAlnum(At(text, 2))) {
    from = 2;
  }
  std::size_t end = Part(text, from);
  if (end == from) return 0;
  while (At(text, end) == '-' && Part(text, end + 1) > end + 1) end = Part(text, end + 1);
  return end;
}

// half-open, state-of-the-art, 3.5-inch
std::size_t Hyphenated(Text text) {
  if (!IsAlnum(At(text, 0))) return 0;
  const std::size_t first =
      Run(text, 1, [](char32_t c) { return IsAlnum(c) || c == '.' || c == ','; });
  std::size_t end = first;
  while (At(text, end) == '-' && IsAlnum(At(text, end + 1))) end = Run(text, end + 1, IsAlnum);
  return end == first ? 0 : end;
}

// truck/van, 24/7, white/black-striped
std::size_t Slashed(Text text) {
  // Letters and digits with up to two hyphenated words behind; `from` if there is none.
  const auto side = [&](std::size_t from) {
    std::size_t end = Run(text, from, IsAlnum);
    for (int i = 0; i < 2 && end > from && At(text, end) == '-'; ++i) {
      const std::size_t next = Run(text, end + 1, IsAsciiLetter);
      if (next == end + 1) break;
      end = next;
    }
    return end;
  };
  std::size_t end = side(0);
  if (end == 0) return 0;
  int slashes = 0;
  while (slashes < 2 && At(text, end) == '/' && side(end + 1) > end + 1) {
    end = side(end + 1);
    ++slashes;
  }
  return slashes == 0 ? 0 : end;
}

// U.S., p.m., and one letter with a period.
std::size_t Acronym(Text text) {
  std::size_t end = 0;
  while (IsAsciiLetter(At(text, end)) && At(text, end + 1) == '.') end += 2;
  return IsWordChar(At(text, end)) ? 0 : end;
}

// Mr., etc., and no. before a number.
std::size_t Abbreviation(Text text) {
  // Those of CoreNLP that captions may hold; it lists some 200.
  static constexpr std::string_view kAlways[] = {
      "mr",  "mrs", "ms",   "dr",   "drs", "prof",  "st",  "ste", "mt",   "ft",   "ave",  "blvd",
      "rd",  "lt",  "col",  "gen",  "gov", "sen",   "rep", "rev", "sgt",  "capt", "jr",   "sr",
      "inc", "co",  "cos",  "corp", "ltd", "bros",  "vs",  "etc", "al",   "dept", "univ", "assn",
      "jan", "feb", "mar",  "apr",  "jun", "jul",   "aug", "sep", "sept", "oct",  "nov",  "dec",
      "mon", "tue", "tues", "wed",  "thu", "thurs", "fri", "tel", "est",  "ext",  "sq",   "esq"};
  static constexpr std::string_view kBeforeNumbers[] = {"no",  "nos",  "fig", "figs", "vol", "vols",
                                                        "sec", "sect", "art", "ch",   "ca",  "pp"};
  const std::size_t end = Run(text, 0, IsAsciiLetter);
  if (end == 0 || At(text, end) != '.') return 0;
  const auto is_word = [&](std::string_view word) {
    return word.size() == end && Stands(text, 0, word);
  };
  if (std::any_of(std::begin(kAlways), std::end(kAlways), is_word)) return end + 1;
  const std::size_t next = Run(text, end + 1, IsSpace);
  if (!IsDigit(At(text, next))) return 0;
  return std::any_of(std::begin(kBeforeNumbers), std::end(kBeforeNumbers), is_word) ? end + 1 : 0;
}

// http://..., user@host, @name, #tag
std::size_t Address(Text text) {
  if (Stands(text, 0, "http://") || Stands(text, 0, "https://") || Stands(text, 0, "www.")) {
    std::size_t end =
        Run(text, 0, [](char32_t c) { return !IsSpace(c) && c != '<' && c != '>' && c != '"'; });
    while (end > 0 && Text(U".,;:!?'`&-()[]{}").find(text[end - 1]) != Text::npos) --end;
    return end;
  }
  const auto is_name = [](char32_t c) { return IsAlnum(c) || c == '_'; };
  if ((At(text, 0) == '@' || At(text, 0) == '#') && !IsDigit(At(text, 1))) {
    const std::size_t end = Run(text, 1, is_name);
    // A tag has two letters at least.
    return end > (At(text, 0) == '@' ? 1U : 2U) ? end : 0;
  }
  // At most 64 characters before the @ (RFC 5321), so that marks without end stay linear.
  const std::size_t at = Run(text.substr(0, 65), 0, [&](char32_t c) {
    return is_name(c) || c == '.' || c == '%' || c == '+' || c == '-';
  });
  if (at == 0 || At(text, at) != '@') return 0;
  std::size_t end =
      Run(text, at + 1, [](char32_t c) { return IsAlnum(c) || c == '.' || c == '-'; });
  while (end > at + 1 && !IsAlnum(text[end - 1])) --end;
  return end > at + 1 ? end : 0;
}

// Tokens that start with an apostrophe: 'n', '98, '90s, 'em, 'til, and clitics.
std::size_t Apostrophied(Text text) {
  if (!IsApostrophe(At(text, 0))) return 0;
  if (const std::size_t clitic = Clitic(text, 0)) return clitic;
  if (Lower(At(text, 1)) == 'n' && IsApostrophe(At(text, 2))) return 3;
  for (const char* word : {"'n", "'em", "'till", "'til"}) {
    const std::size_t size = std::string_view(word).size();
    if (Stands(text, 0, word) && !IsWordChar(At(text, size))) return size;
  }
  if (IsDigit(At(text, 1)) && IsDigit(At(text, 2)) && !IsDigit(At(text, 3))) {
    return Lower(At(text, 3)) == 's' && !IsWordChar(At(text, 4)) ? 4 : 3;
  }
  return 0;
}

// A mark that is no word: brackets and currencies have names, most others fall away.
PtbToken Mark(Text text) {
  const char32_t c = text[0];
  const auto run_of = [&](char32_t mark) {
    return Run(text, 0, [&](char32_t other) { return other == mark; });
  };
  switch (c) {
    case '(':
      return {1, U"-lrb-"};
    case ')':
      return {1, U"-rrb-"};
    case '[':
      return {1, U"-lsb-"};
    case ']':
      return {1, U"-rsb-"};
    case '{':
      return {1, U"-lcb-"};
    case '}':
      return {1, U"-rcb-"};
    case 0x20AC:  // Euro: the tokenizer knows dollars,
      return {1, U"$"};
    case 0xA3:  // and # for pounds.
      return {1, U"#"};
    case 0xA2:
      return {1, U"cents"};
    case 0xBC:
      return {1, U"1/4"};
    case 0xBD:
      return {1, U"1/2"};
    case 0xBE:
      return {1, U"3/4"};
    case '?':
    case '!': {
      // One alone is dropped, several are a word.
      const std::size_t end = Run(text, 1, [](char32_t d) { return d == '?' || d == '!'; });
      return {.size = end, .dropped = end == 1};
    }
    case '.':
    case '-':
      return {.size = run_of(c), .dropped = true};
    case '*':
    case '_':
    case '#':
    case '@':
      return {.size = run_of(c)};
    default:
      break;
  }
  const bool quote = c == '"' || c == '`' || IsApostrophe(c) || (c >= 0x2018 && c <= 0x201F) ||
                     c == 0xAB || c == 0xBB || c == 0x2039 || c == 0x203A;
  const bool dash = c >= 0x2010 && c <= 0x2015;
  const bool pause = c == ',' || c == ';' || c == ':' || c == 0x2026;
  // Not in CoreNLP's tables: control and format characters, selectors, other planes.
  const bool unknown = c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
                       (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0xFFFD || c >= 0x10000;
  return {.size = 1, .dropped = quote || dash || pause || unknown};
}

}  // namespace

PtbToken NextPtbToken(std::u32string_view all, std::size_t at) {
  const Text text = all.substr(at);
  if (const std::size_t first = FirstHalf(text)) return {.size = first};
  for (const char* name : {"-lrb-", "-rrb-", "-lcb-", "-rcb-", "-lsb-", "-rsb-"}) {
    if (Stands(text, 0, name)) return {.size = 5};
  }
  if (const std::size_t size = Apostrophied(text)) return {.size = size};
  if (const std::size_t size = Negation(text, 0)) return {.size = size};

  // "is" + "n't": the n belongs to the second word.
  const std::size_t letters = Run(text, 0, IsAsciiLetter);
  if (letters > 1 && Lower(text[letters - 2]) != 'n' && Negation(text, letters - 1) != 0) {
    return {.size = letters - 1};
  }
  if (Stands(text, 0, "y'") && IsWordLetter(At(text, 2))) return {.size = 2};
  // "d's": the clitic comes before d'Artagnan's rule.
  if (letters == 1 && Clitic(text, 1) != 0) return {.size = 1};

  const std::size_t size = std::max({Word(text), Thing(text), Hyphenated(text), Slashed(text),
                                     Acronym(text), Abbreviation(text), Address(text)});
  return size > 0 ? PtbToken{.size = size} : Mark(text);
}

}  // namespace stillwatch::model
