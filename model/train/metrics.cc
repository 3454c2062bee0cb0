#include "model/train/metrics.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>

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
