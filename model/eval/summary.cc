#include "model/eval/summary.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "model/eval/caption_words.h"

namespace stillwatch::model {
namespace {

VerdictFigures JudgeVerdicts(std::span<const EvalCase> cases) {
  std::vector<float> scores;
  std::vector<double> probabilities;
  std::vector<bool> changed;
  VerdictFigures figures;
  for (const EvalCase& c : cases) {
    if (!c.told() || !c.changed_probability) continue;
    scores.push_back(static_cast<float>(*c.changed_probability));
    probabilities.push_back(*c.changed_probability);
    changed.push_back(c.changed());
    if (c.changed()) {
      figures.called_changed.Add(c.said_changed());
    } else {
      figures.called_unchanged.Add(!c.said_changed());
    }
  }
  figures.auc = AreaUnderCurve(scores, changed);
  for (std::size_t i = 0; i < kFalseAlarmRates.size(); ++i) {
    figures.recall[i] = RecallAtFalseAlarms(scores, changed, kFalseAlarmRates[i]);
  }
  figures.reliability = MeasureReliability(probabilities, changed);
  figures.calibration_error = CalibrationError(figures.reliability);
  return figures;
}

void JudgeColor(const EvalCase& c, WordFigures& figures) {
  if (c.color.empty()) return;
  const std::vector<std::string> wanted = ColorsIn(c.color);
  const std::vector<std::string> named = ColorsIn(*c.caption);
  if (wanted.empty()) return;
  figures.color_named.Add(!named.empty());
  if (named.empty() && !c.color_needed) return;
  figures.color.Add(std::find(named.begin(), named.end(), wanted.front()) != named.end());
}

WordFigures JudgeWords(std::span<const EvalCase> cases) {
  WordFigures figures;
  for (const EvalCase& c : cases) {
    if (c.told() && c.changed_probability && !c.said_kind.empty()) {
      const std::string said = c.said_changed() ? c.said_kind : kSameWord;
      ++figures.confusion[c.kind][said];
      if (c.changed()) {
        figures.kind.Add(said == c.kind);
        figures.kind_if_told.Add(c.said_kind == c.kind);
      }
    }
    if (!c.changed() || !c.caption) continue;
    if (!c.thing.empty()) {
      const Naming naming = NamesThing(*c.caption, c.thing);
      figures.noun.Add(naming == Naming::kExactly);
      figures.noun_fair.Add(naming != Naming::kNot);
    }
    JudgeColor(c, figures);
  }
  return figures;
}

}  // namespace

CaptionCases CaptionCasesOf(std::span<const EvalCase> cases) {
  CaptionCases out;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const EvalCase& c = cases[i];
    if (!c.caption || c.references.empty()) continue;
    out.cases.push_back({.id = c.id, .hypothesis = *c.caption, .references = c.references});
    out.places.push_back(i);
  }
  return out;
}

Result<Summary> Summarise(std::span<const EvalCase> cases) {
  Summary summary{.pairs = static_cast<std::int64_t>(cases.size())};
  const CaptionCases captioned = CaptionCasesOf(cases);
  if (!captioned.cases.empty()) {
    auto scores = ScoreCaptions(captioned.cases);
    if (!scores) return Failure(scores.error());
    summary.captions = *std::move(scores);
  }
  const bool judged = std::any_of(cases.begin(), cases.end(), [](const EvalCase& c) {
    return c.told() && c.changed_probability.has_value();
  });
  if (judged) summary.verdict = JudgeVerdicts(cases);
  summary.words = JudgeWords(cases);
  return summary;
}

std::string ToJson(const Summary& summary) {
  using Json = nlohmann::ordered_json;
  const auto share = [](const Share& s) { return Json{{"right", s.right}, {"of", s.of}}; };
  Json json = {{"pairs", summary.pairs}};
  if (summary.captions) {
    const CaptionScores& c = *summary.captions;
    for (std::size_t n = 0; n < 4; ++n) json["bleu_" + std::to_string(n + 1)] = c.bleu[n];
    json["rouge_l"] = c.rouge_l;
    json["cider_d"] = c.cider;
  }
  if (summary.meteor) json["meteor"] = *summary.meteor;
  if (summary.spice) json["spice"] = *summary.spice;
  if (summary.verdict) {
    const VerdictFigures& v = *summary.verdict;
    json["changed"] = {{"auc", v.auc},
                       {"called_changed", share(v.called_changed)},
                       {"called_unchanged", share(v.called_unchanged)},
                       {"calibration_error", v.calibration_error}};
    for (std::size_t i = 0; i < v.recall.size(); ++i) {
      json["changed"]["recall_at_false_alarms"].push_back(
          {{"rate", kFalseAlarmRates[i]}, {"recall", v.recall[i]}});
    }
    for (const ReliabilityBin& bin : v.reliability) {
      json["changed"]["reliability"].push_back(
          {{"count", bin.count}, {"said", bin.said}, {"seen", bin.seen}});
    }
  }
  const WordFigures& w = summary.words;
  json["kind"] = share(w.kind);
  json["kind_if_told_changed"] = share(w.kind_if_told);
  json["noun"] = share(w.noun);
  json["noun_or_synonym"] = share(w.noun_fair);
  json["color"] = share(w.color);
  json["color_named"] = share(w.color_named);
  if (!w.confusion.empty()) json["confusion"] = w.confusion;
  return json.dump();
}

}  // namespace stillwatch::model
