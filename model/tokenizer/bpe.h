// BytePairMerger: merges the bytes of one piece of text into tokens.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/tokenizer/vocabulary.h"

namespace stillwatch::model {

// Byte pair encoding: of all adjacent pairs that have a merge, the best-ranked is merged first, of
// equals the leftmost, until none is left.  Thread-safe.
class BytePairMerger {
 public:
  // REQUIRES: a vocabulary that LoadVocabulary or ParseTokenizerJson has checked.
  explicit BytePairMerger(const Vocabulary& vocabulary);

  // Appends the ids of `piece`.  O(n log n), so that no text can stall the captioner.
  void Encode(std::string_view piece, std::vector<int>& ids) const;

 private:
  struct Rule {
    std::uint32_t rank = 0;  // Lower merges first.
    int merged = 0;
  };

  const Rule* Find(int left, int right) const;

  std::array<int, 256> byte_ids_{};
  std::unordered_map<std::uint64_t, Rule> rules_;  // By left << 32 | right.
};

}  // namespace stillwatch::model
