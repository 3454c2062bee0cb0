// Unicode tables, sorted, for unicode.cc alone.  Made by scripts/make_unicode_tables.py.

#pragma once

#include <array>
#include <cstdint>

namespace stillwatch::model {

struct CodeRange {
  char32_t first, last;  // Both in the range.
};
struct ClassRange {
  char32_t first, last;
  std::uint32_t value;  // Canonical_Combining_Class, never 0.
};
// Canonical (de)composition of one step; `second` is 0 where there is one part.
struct Mapping {
  char32_t composed, first, second;
};

extern const std::array<CodeRange, 648> kLetters;
extern const std::array<CodeRange, 134> kNumbers;
extern const std::array<ClassRange, 382> kCombiningClasses;
extern const std::array<Mapping, 2061> kDecompositions;  // By `composed`.
extern const std::array<Mapping, 941> kCompositions;     // By `first`, then `second`.

}  // namespace stillwatch::model
