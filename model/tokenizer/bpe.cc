#include "model/tokenizer/bpe.h"

#include <cstddef>
#include <queue>
#include <tuple>

#include "model/tokenizer/byte_level.h"

namespace stillwatch::model {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// A token of the piece, in a doubly linked list held in a vector.
struct Symbol {
  int id = 0;
  std::size_t previous = kNone, next = kNone;
  bool gone = false;  // Merged into its left neighbour.
};

// A pair that could be merged when it was seen.
struct Candidate {
  std::uint32_t rank = 0;
  std::size_t left = 0, right = 0;
  int left_id = 0, right_id = 0, merged = 0;

  // std::priority_queue keeps the greatest on top.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tuple(b.rank, b.left) < std::tuple(a.rank, a.left);
  }
};

std::uint64_t Key(int left, int right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint64_t>(right);
}

}  // namespace

BytePairMerger::BytePairMerger(const Vocabulary& vocabulary) {
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    byte_ids_[byte] = vocabulary.ids.at(LetterOfByte(static_cast<std::uint8_t>(byte)));
  }
  rules_.reserve(vocabulary.merges.size());
  std::uint32_t rank = 0;
  for (const Vocabulary::Merge& merge : vocabulary.merges) {
    rules_[Key(merge.left, merge.right)] = {.rank = rank++, .merged = merge.merged};
  }
}

const BytePairMerger::Rule* BytePairMerger::Find(int left, int right) const {
  const auto found = rules_.find(Key(left, right));
  return found == rules_.end() ? nullptr : &found->second;
}

void BytePairMerger::Encode(std::string_view piece, std::vector<int>& ids) const {
  std::vector<Symbol> symbols(piece.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    symbols[i].id = byte_ids_[static_cast<std::uint8_t>(piece[i])];
    symbols[i].previous = i == 0 ? kNone : i - 1;
    symbols[i].next = i + 1 == piece.size() ? kNone : i + 1;
  }
  std::priority_queue<Candidate> candidates;
  const auto consider = [&](std::size_t left, std::size_t right) {
    if (left == kNone || right == kNone) return;
    const int left_id = symbols[left].id, right_id = symbols[right].id;
    if (const Rule* rule = Find(left_id, right_id)) {
      candidates.push({rule->rank, left, right, left_id, right_id, rule->merged});
    }
  };
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) consider(i, i + 1);
  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    Symbol& left = symbols[best.left];
    Symbol& right = symbols[best.right];
    // Stale: one of the two has been merged with another since.
    if (left.gone || right.gone || left.id != best.left_id || right.id != best.right_id ||
        left.next != best.right) {
      continue;
    }
    left.id = best.merged;
    left.next = right.next;
    right.gone = true;
    if (left.next != kNone) symbols[left.next].previous = best.left;
    consider(left.previous, best.left);
    consider(best.left, left.next);
  }
  for (std::size_t i = symbols.empty() ? kNone : 0; i != kNone; i = symbols[i].next) {
    ids.push_back(symbols[i].id);
  }
}

}  // namespace stillwatch::model
