// Summarise: the figures of a system on a set of pairs.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/eval/caption_metrics.h"
#include "model/eval/eval_case.h"
#include "model/eval/verdict_metrics.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// `right` of `of`; `of` counts only the pairs whose truth tells what is asked.
struct Share {
  std::int64_t right = 0;
  std::int64_t of = 0;
  double value() const {
    return of == 0 ? 0 : static_cast<double>(right) / static_cast<double>(of);
  }
  void Add(bool good) {
    ++of;
    right += good ? 1 : 0;
  }
};

struct VerdictFigures {
  double auc = 0.5;
  std::array<double, 3> recall{};  // At kFalseAlarmRates.
  Share called_changed{};          // Of the changed pairs, at probability 0.5.
  Share called_unchanged{};        // Of the unchanged pairs.
  Reliability reliability{};       // Of the probability that something changed.
  double calibration_error = 0;
};
inline constexpr std::array<double, 3> kFalseAlarmRates = {0.01, 0.05, 0.1};

struct WordFigures {
  Share kind{};          // Changed pairs called changed, and of the right kind.
  Share kind_if_told{};  // The kind alone, as if told that something changed.
  Share noun{};          // Captions of changed pairs that name the thing exactly,
  Share noun_fair{};     // or by a fair synonym as well.
  Share color{};         // Of those whose truth has a colour and that name one (or had to).
  Share color_named{};   // How many of those with a told colour name any.
  // [truth][said], both names of kinds or kSameWord; said is the whole answer, verdict included.
  std::map<std::string, std::map<std::string, std::int64_t>> confusion{};
};

struct Summary {
  std::int64_t pairs = 0;
  std::optional<CaptionScores> captions{};  // `each`: in the order of the cases with references.
  std::optional<double> meteor{};           // Only where its own program computed them.
  std::optional<double> spice{};
  std::optional<VerdictFigures> verdict{};  // Absent without probabilities or without truth.
  WordFigures words{};
};

// Cases without a caption or without references count in no caption figure.  Thread-safe.
[[nodiscard]] Result<Summary> Summarise(std::span<const EvalCase> cases);

// The cases that caption metrics are computed on, and where each stands in `cases`.
struct CaptionCases {
  std::vector<CaptionCase> cases{};
  std::vector<std::size_t> places{};
};
CaptionCases CaptionCasesOf(std::span<const EvalCase> cases);

// As a JSON object, for programs.
std::string ToJson(const Summary& summary);

}  // namespace stillwatch::model
