#include "model/eval/cider.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace stillwatch::model {
namespace {

constexpr double kSigma = 6;  // Of the penalty on differing lengths; the paper's.

// In how many cases an n-gram occurs in a reference.
using Frequencies = std::array<std::map<std::string, int>, kMaxNgram>;

struct Vector {
  std::array<std::map<std::string, double>, kMaxNgram> weights{};
  std::array<double, kMaxNgram> norm{};
  double length = 0;  // Bigrams, as coco-caption counts it.
};

Frequencies CountCases(std::span<const CountedCase> cases) {
  Frequencies frequencies;
  for (const CountedCase& c : cases) {
    for (std::size_t n = 0; n < kMaxNgram; ++n) {
      std::set<std::string_view> seen;
      for (const CountedSentence& reference : c.references) {
        for (const auto& [ngram, count] : reference.ngrams[n]) {
          if (seen.insert(ngram).second) ++frequencies[n][ngram];
        }
      }
    }
  }
  return frequencies;
}

Vector Weigh(const Ngrams& ngrams, const Frequencies& frequencies, double log_cases) {
  Vector vector;
  for (std::size_t n = 0; n < kMaxNgram; ++n) {
    double squares = 0;
    for (const auto& [ngram, count] : ngrams[n]) {
      const auto found = frequencies[n].find(ngram);
      const int cases = found == frequencies[n].end() ? 1 : found->second;
      const double weight = count * (log_cases - std::log(cases));
      vector.weights[n].emplace(ngram, weight);
      squares += weight * weight;
      if (n == 1) vector.length += count;
    }
    vector.norm[n] = std::sqrt(squares);
  }
  return vector;
}

double Similarity(const Vector& hypothesis, const Vector& reference) {
  const double difference = hypothesis.length - reference.length;
  const double penalty = std::exp(-difference * difference / (2 * kSigma * kSigma));
  double sum = 0;
  for (std::size_t n = 0; n < kMaxNgram; ++n) {
    double product = 0;
    for (const auto& [ngram, weight] : hypothesis.weights[n]) {
      const auto found = reference.weights[n].find(ngram);
      if (found == reference.weights[n].end()) continue;
      product += std::min(weight, found->second) * found->second;
    }
    const double norms = hypothesis.norm[n] * reference.norm[n];
    sum += (norms == 0 ? product : product / norms) * penalty;
  }
  return sum / kMaxNgram;
}

}  // namespace

std::vector<double> ScoreCider(std::span<const CountedCase> cases) {
  const Frequencies frequencies = CountCases(cases);
  const double log_cases = std::log(static_cast<double>(cases.size()));
  std::vector<double> scores;
  for (const CountedCase& c : cases) {
    const Vector hypothesis = Weigh(c.hypothesis.ngrams, frequencies, log_cases);
    double sum = 0;
    for (const CountedSentence& reference : c.references) {
      sum += Similarity(hypothesis, Weigh(reference.ngrams, frequencies, log_cases));
    }
    scores.push_back(10 * sum / static_cast<double>(c.references.size()));
  }
  return scores;
}

}  // namespace stillwatch::model
