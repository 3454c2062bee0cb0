#include "model/train/metrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <numeric>

namespace stillwatch::model {
namespace {

// Minimum of a function with one valley over log(temperature): golden-section search.
double FitTemperature(const std::function<double(double)>& loss) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double low = std::log(0.05);
  double high = std::log(20.0);
  for (int i = 0; i < 60; ++i) {
    const double left = high - ratio * (high - low);
    const double right = low + ratio * (high - low);
    if (loss(std::exp(left)) < loss(std::exp(right))) {
      high = right;
    } else {
      low = left;
    }
  }
  return std::exp((low + high) / 2);
}

// log(1 + exp(x)) without overflow.
double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

std::map<std::string, int> Words(std::string_view text) {
  std::map<std::string, int> words;
  std::string word;
  for (const char c : std::string(text) + " ") {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80) {
      word += static_cast<char>(std::tolower(byte));
    } else if (!word.empty()) {
      ++words[word];
      word.clear();
    }
  }
  return words;
}

}  // namespace

double AreaUnderCurve(std::span<const float> scores, const std::vector<bool>& positive) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0;
  double positives = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && scores[order[last]] == scores[order[first]]) ++last;
    const double rank = (static_cast<double>(first + last) + 1) / 2;  // Mean rank of the tie.
    for (std::size_t i = first; i < last; ++i) {
      if (!positive[order[i]]) continue;
      rank_sum += rank;
      ++positives;
    }
    first = last;
  }
  const double negatives = static_cast<double>(order.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

double CalibrationError(std::span<const double> probabilities, const std::vector<bool>& positive) {
  constexpr std::size_t kBins = 10;
  std::array<double, kBins> expected{};
  std::array<double, kBins> seen{};
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const auto bin = std::min(static_cast<std::size_t>(probabilities[i] * kBins), kBins - 1);
    expected[bin] += probabilities[i];
    seen[bin] += positive[i] ? 1 : 0;
  }
  double error = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) error += std::abs(expected[bin] - seen[bin]);
  return probabilities.empty() ? 0 : error / static_cast<double>(probabilities.size());
}

double FitBinaryTemperature(std::span<const float> logits, const std::vector<bool>& positive) {
  if (logits.empty()) return 1;
  return FitTemperature([&](double temperature) {
    double loss = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const double z = static_cast<double>(logits[i]) / temperature;
      loss += Softplus(positive[i] ? -z : z);
    }
    return loss;
  });
}

double FitClassTemperature(std::span<const float> logits, int classes, std::span<const int> truth) {
  if (truth.empty()) return 1;
  const auto width = static_cast<std::size_t>(classes);
  return FitTemperature([&](double temperature) {
    double loss = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto row = logits.subspan(i * width, width);
      const auto most = static_cast<double>(*std::max_element(row.begin(), row.end()));
      double sum = 0;
      for (const float z : row) sum += std::exp((static_cast<double>(z) - most) / temperature);
      const auto right = static_cast<double>(row[static_cast<std::size_t>(truth[i])]);
      loss += std::log(sum) - (right - most) / temperature;
    }
    return loss;
  });
}

double WordF1(std::string_view a, std::string_view b) {
  const auto words_a = Words(a);
  const auto words_b = Words(b);
  int total = 0;
  int common = 0;
  for (const auto& [word, count] : words_a) {
    total += count;
    const auto found = words_b.find(word);
    if (found != words_b.end()) common += std::min(count, found->second);
  }
  for (const auto& [word, count] : words_b) total += count;
  return total == 0 ? 1 : 2.0 * common / total;
}

}  // namespace stillwatch::model
