#include "model/eval/constant_caption.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "model/eval/caption_metrics.h"
#include "model/eval/ptb_tokens.h"

namespace stillwatch::model {
namespace {

// Guesses: enough for sets of short captions, and seconds of work.
constexpr std::size_t kFrequent = 60;
constexpr std::size_t kSpread = 20;
constexpr std::size_t kPairs = 400;

// `count` of n, evenly spread.
std::vector<std::size_t> Spread(std::size_t n, std::size_t count) {
  std::vector<std::size_t> places;
  count = std::min(n, count);
  for (std::size_t i = 0; i < count; ++i) places.push_back(i * n / count);
  return places;
}

}  // namespace

Result<std::string> BestConstantCaption(
    std::span<const std::vector<std::string>> training_references) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& pair : training_references) {
    for (const std::string& caption : pair) {
      if (!PtbTokens(caption).empty()) ++counts[caption];
    }
  }
  if (counts.empty()) return InvalidArgument("no references to choose a constant caption from");
  std::vector<std::pair<std::string, std::int64_t>> ranked(counts.begin(), counts.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::set<std::string> candidates;
  for (std::size_t i = 0; i < std::min(kFrequent, ranked.size()); ++i) {
    candidates.insert(ranked[i].first);
  }
  for (const std::size_t i : Spread(ranked.size(), kSpread)) candidates.insert(ranked[i].first);

  std::vector<CaptionCase> cases;
  for (const std::size_t i : Spread(training_references.size(), kPairs)) {
    if (!training_references[i].empty()) cases.push_back({.references = training_references[i]});
  }
  std::string best;
  double best_score = -1;
  for (const std::string& candidate : candidates) {
    for (CaptionCase& c : cases) c.hypothesis = candidate;
    const auto scores = ScoreCaptions(cases);
    if (!scores) return Failure(scores.error());
    const bool better = scores->cider > best_score ||
                        (scores->cider == best_score && candidate.size() < best.size());
    if (!better) continue;
    best = candidate;
    best_score = scores->cider;
  }
  return best;
}

}  // namespace stillwatch::model
