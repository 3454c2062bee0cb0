#include "model/eval/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

namespace stillwatch::model {
namespace {

// coco-caption's smoothing: keeps 0 / 0 and log(0) away, and shows in single sentences.
constexpr double kTiny = 1e-15, kSmall = 1e-9;

struct Counts {
  std::int64_t hypothesis = 0;  // Words.
  std::int64_t reference = 0;
  std::array<std::int64_t, kMaxNgram> guessed{};  // n-grams of the hypothesis,
  std::array<std::int64_t, kMaxNgram> correct{};  // and those found in a reference.
};

Counts Count(const CountedCase& c) {
  Counts counts;
  counts.hypothesis = static_cast<std::int64_t>(c.hypothesis.words.size());
  // The closest reference, of two the shorter.
  std::pair<std::int64_t, std::int64_t> closest{-1, 0};
  for (const CountedSentence& reference : c.references) {
    const auto length = static_cast<std::int64_t>(reference.words.size());
    const std::pair candidate{std::abs(length - counts.hypothesis), length};
    if (closest.first < 0 || candidate < closest) closest = candidate;
  }
  counts.reference = closest.second;
  for (std::size_t n = 0; n < kMaxNgram; ++n) {
    counts.guessed[n] = std::max<std::int64_t>(0, counts.hypothesis - static_cast<std::int64_t>(n));
    for (const auto& [ngram, count] : c.hypothesis.ngrams[n]) {
      int most = 0;  // In any one reference.
      for (const CountedSentence& reference : c.references) {
        const auto found = reference.ngrams[n].find(ngram);
        if (found != reference.ngrams[n].end()) most = std::max(most, found->second);
      }
      counts.correct[n] += std::min(count, most);
    }
  }
  return counts;
}

std::array<double, kMaxNgram> Score(const Counts& counts) {
  const double ratio = (static_cast<double>(counts.hypothesis) + kTiny) /
                       (static_cast<double>(counts.reference) + kSmall);
  const double brevity = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  std::array<double, kMaxNgram> bleu{};
  double product = 1;
  for (std::size_t n = 0; n < kMaxNgram; ++n) {
    product *= (static_cast<double>(counts.correct[n]) + kTiny) /
               (static_cast<double>(counts.guessed[n]) + kSmall);
    bleu[n] = std::pow(product, 1.0 / static_cast<double>(n + 1)) * brevity;
  }
  return bleu;
}

}  // namespace

BleuScores ScoreBleu(std::span<const CountedCase> cases) {
  BleuScores scores;
  Counts total;
  for (const CountedCase& c : cases) {
    const Counts counts = Count(c);
    scores.bleu_4.push_back(Score(counts)[kMaxNgram - 1]);
    total.hypothesis += counts.hypothesis;
    total.reference += counts.reference;
    for (std::size_t n = 0; n < kMaxNgram; ++n) {
      total.guessed[n] += counts.guessed[n];
      total.correct[n] += counts.correct[n];
    }
  }
  scores.corpus = Score(total);
  scores.hypothesis_tokens = total.hypothesis;
  scores.reference_tokens = total.reference;
  return scores;
}

}  // namespace stillwatch::model
