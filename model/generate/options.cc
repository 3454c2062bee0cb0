#include "model/generate/options.h"

#include <cmath>

namespace stillwatch::model {

Status Check(const GenerateOptions& o) {
  const auto wrong = [](const char* option, const char* wanted) {
    return InvalidArgument(std::string(option) + ": must be " + wanted);
  };
  if (o.max_tokens < 1) return wrong("max tokens", "1 or more");
  if (o.beams < 1 || o.beams > kMostBeams) return wrong("beams", "1 to 16");
  if (!std::isfinite(o.length_penalty)) return wrong("length penalty", "a number");
  if (!(o.temperature >= 0) || !std::isfinite(o.temperature)) {
    return wrong("temperature", "0 or more");
  }
  if (!(o.top_p > 0 && o.top_p <= 1)) return wrong("top-p", "above 0 and at most 1");
  if (o.beams > 1 && o.temperature > 0) {
    return wrong("temperature", "0 with more than one beam: a beam search draws no lots");
  }
  for (const auto& caption : o.also) {
    if (caption.empty()) return wrong("captions to be scored", "of one token or more");
  }
  if (o.beams > 1 && !o.forced.empty()) return wrong("beams", "1 where the tokens are given");
  return {};
}

double Generated::MeanLogProbability() const {
  double sum = stopped ? end_log_probability : 0;
  for (const float p : log_probabilities) sum += p;
  const std::size_t count = log_probabilities.size() + (stopped ? 1 : 0);
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace stillwatch::model
