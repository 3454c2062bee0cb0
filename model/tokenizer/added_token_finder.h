// AddedTokenFinder: finds special tokens in text.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

// Leftmost first, of those the longest.  Thread-safe.
class AddedTokenFinder {
 public:
  struct Match {
    std::size_t begin = 0, end = 0;
    int id = 0;
  };

  // REQUIRES: content is not empty.
  void Add(std::string content, int id);

  std::optional<Match> Find(std::string_view text, std::size_t from) const;

  bool empty() const { return first_bytes_.empty(); }

 private:
  struct Entry {
    std::string content;
    int id = 0;
  };

  std::array<std::vector<Entry>, 256> by_first_byte_;  // Longest first.
  std::string first_bytes_;                            // Those that have entries.
};

}  // namespace stillwatch::model
