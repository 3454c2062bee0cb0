#include "model/eval/rouge.h"

#include <algorithm>

namespace stillwatch::model {
namespace {

constexpr double kBeta = 1.2;  // coco-caption's: recall counts more.

std::size_t LongestCommonSubsequence(const Words& a, const Words& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const std::string& word : a) {
    std::size_t diagonal = 0;  // row[j - 1] of the row before.
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

// coco-caption splits at single spaces, which makes one empty word of an empty text.
const Words& AtLeastOne(const Words& words) {
  static const Words kEmptyWord = {""};
  return words.empty() ? kEmptyWord : words;
}

}  // namespace

double ScoreRougeL(const CountedCase& c) {
  const Words& hypothesis = AtLeastOne(c.hypothesis.words);
  double precision = 0, recall = 0;
  for (const CountedSentence& sentence : c.references) {
    const Words& reference = AtLeastOne(sentence.words);
    const auto common = static_cast<double>(LongestCommonSubsequence(hypothesis, reference));
    precision = std::max(precision, common / static_cast<double>(hypothesis.size()));
    recall = std::max(recall, common / static_cast<double>(reference.size()));
  }
  if (precision == 0 || recall == 0) return 0;
  return (1 + kBeta * kBeta) * precision * recall / (recall + kBeta * kBeta * precision);
}

}  // namespace stillwatch::model
