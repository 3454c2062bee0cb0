// Ngrams: how often each run of 1 to 4 words occurs in a sentence; for the metrics alone.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace stillwatch::model {

using Words = std::vector<std::string>;

inline constexpr std::size_t kMaxNgram = 4;

// [n - 1]: n words joined by spaces -> count.  Ordered, so that sums do not depend on hashing.
using Ngrams = std::array<std::map<std::string, int>, kMaxNgram>;

inline Ngrams CountNgrams(const Words& words) {
  Ngrams ngrams;
  for (std::size_t begin = 0; begin < words.size(); ++begin) {
    std::string run;
    for (std::size_t n = 0; n < kMaxNgram && begin + n < words.size(); ++n) {
      if (n > 0) run += ' ';
      run += words[begin + n];
      ++ngrams[n][run];
    }
  }
  return ngrams;
}

// One case, counted once for all metrics.
struct CountedSentence {
  Words words{};
  Ngrams ngrams{};
};
struct CountedCase {
  CountedSentence hypothesis{};
  std::vector<CountedSentence> references{};
};

}  // namespace stillwatch::model
