#include "model/tokenizer/unicode.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "model/tokenizer/unicode_tables.h"

namespace stillwatch::model {
namespace {

// Hangul syllables are composed by arithmetic: section 3.12 of the Unicode standard.
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTrails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTrailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTrailCount;

// Everything below is already in NFC by itself and combines with nothing before it.
constexpr char32_t kFirstCombining = 0x300;

template <typename Table>
const typename Table::value_type* FindRange(const Table& table, char32_t code_point) {
  const auto next = std::upper_bound(table.begin(), table.end(), code_point,
                                     [](char32_t c, const auto& range) { return c < range.first; });
  if (next == table.begin() || std::prev(next)->last < code_point) return nullptr;
  return &*std::prev(next);
}

std::uint8_t CombiningClass(char32_t code_point) {
  if (code_point < kFirstCombining) return 0;
  const auto* range = FindRange(kCombiningClasses, code_point);
  return range == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(range->value);
}

void Decompose(char32_t code_point, std::u32string& out) {
  if (code_point >= kSyllables && code_point < kSyllables + kSyllableCount) {
    const char32_t index = code_point - kSyllables;
    out.push_back(kLeads + index / (kVowelCount * kTrailCount));
    out.push_back(kVowels + index % (kVowelCount * kTrailCount) / kTrailCount);
    if (index % kTrailCount != 0) out.push_back(kTrails + index % kTrailCount);
    return;
  }
  const auto found =
      std::lower_bound(kDecompositions.begin(), kDecompositions.end(), code_point,
                       [](const Mapping& mapping, char32_t c) { return mapping.composed < c; });
  if (found == kDecompositions.end() || found->composed != code_point) {
    out.push_back(code_point);
    return;
  }
  // Only the first half decomposes further; at most 4 levels deep in the standard's data.
  Decompose(found->first, out);
  if (found->second != 0) out.push_back(found->second);
}

// 0 if the two do not compose.
char32_t Compose(char32_t first, char32_t second) {
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels &&
      second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTrailCount;
  }
  if (first >= kSyllables && first < kSyllables + kSyllableCount &&
      (first - kSyllables) % kTrailCount == 0 && second > kTrails &&
      second < kTrails + kTrailCount) {
    return first + (second - kTrails);
  }
  const auto wanted = std::pair(first, second);
  const auto found = std::lower_bound(kCompositions.begin(), kCompositions.end(), wanted,
                                      [](const Mapping& mapping, const auto& pair) {
                                        return std::pair(mapping.first, mapping.second) < pair;
                                      });
  if (found == kCompositions.end() || std::pair(found->first, found->second) != wanted) return 0;
  return found->composed;
}

// Sorts each run of combining marks by class, keeping the order of equals.
void Reorder(std::u32string& text) {
  for (std::size_t i = 0; i < text.size();) {
    if (CombiningClass(text[i]) == 0) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && CombiningClass(text[end]) != 0) ++end;
    std::stable_sort(text.begin() + static_cast<std::ptrdiff_t>(i),
                     text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char32_t a, char32_t b) { return CombiningClass(a) < CombiningClass(b); });
    i = end;
  }
}

}  // namespace

bool IsLetter(char32_t code_point) {
  if (code_point < 0x80) {
    return (code_point >= 'a' && code_point <= 'z') || (code_point >= 'A' && code_point <= 'Z');
  }
  return FindRange(kLetters, code_point) != nullptr;
}

bool IsNumber(char32_t code_point) {
  if (code_point < 0x80) return code_point >= '0' && code_point <= '9';
  return FindRange(kNumbers, code_point) != nullptr;
}

bool IsSpace(char32_t c) {
  return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

std::u32string Nfc(std::u32string text) {
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < kFirstCombining; })) {
    return text;
  }
  std::u32string parts;
  parts.reserve(text.size());
  for (const char32_t code_point : text) Decompose(code_point, parts);
  Reorder(parts);

  // Each mark joins the last starter unless a mark of its class or above stands in between.
  std::u32string composed;
  composed.reserve(parts.size());
  std::size_t starter = std::u32string::npos;  // Index in `composed`.
  for (const char32_t code_point : parts) {
    const std::uint8_t combining = CombiningClass(code_point);
    if (starter != std::u32string::npos) {
      const bool adjacent = starter + 1 == composed.size();
      const bool blocked = !adjacent && CombiningClass(composed.back()) >= combining;
      const char32_t joined = blocked ? 0 : Compose(composed[starter], code_point);
      if (joined != 0) {
        composed[starter] = joined;
        continue;
      }
    }
    if (combining == 0) starter = composed.size();
    composed.push_back(code_point);
  }
  return composed;
}

}  // namespace stillwatch::model
