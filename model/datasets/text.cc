#include "model/datasets/text.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <regex>

namespace stillwatch::model {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of the character that starts at text[0]; 0 if there is none.
std::size_t CharacterAt(std::string_view text) {
  const auto byte = [&text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  std::uint32_t value = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    value = value << 6U | (byte(i) & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  return surrogate || overlong || value > 0x10FFFF ? 0 : size;
}

}  // namespace

std::string ReplaceBadUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = CharacterAt(text);
    out += size == 0 ? kReplacement : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

bool IsGoodUtf8(std::string_view text) {
  if (text.find(kReplacement) != std::string_view::npos) return false;
  while (!text.empty()) {
    const std::size_t size = CharacterAt(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool IsBlank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
}

bool SaysNoChange(std::string_view caption) {
  static const std::regex kNo(
      R"(\b(no|not? any) (visible |noticeable |obvious )?(differences?|changes?)\b|)"
      R"(\b(nothing|not) (has )?changed?\b|\b(remains?|is|are|looks?) (exactly )?the same\b|\bidentical\b)",
      std::regex::icase | std::regex::optimize);
  return std::regex_search(caption.begin(), caption.end(), kNo);
}

}  // namespace stillwatch::model
