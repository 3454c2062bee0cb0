#include "model/eval/caption_metrics.h"

#include "model/eval/bleu.h"
#include "model/eval/cider.h"
#include "model/eval/ptb_tokens.h"
#include "model/eval/rouge.h"

namespace stillwatch::model {
namespace {

CountedSentence CountSentence(const std::string& caption) {
  CountedSentence sentence{.words = PtbTokens(caption)};
  sentence.ngrams = CountNgrams(sentence.words);
  return sentence;
}

}  // namespace

Result<CaptionScores> ScoreCaptions(std::span<const CaptionCase> cases) {
  if (cases.empty()) return InvalidArgument("no captions to score");
  std::vector<CountedCase> counted;
  for (const CaptionCase& c : cases) {
    if (c.references.empty()) return InvalidArgument("case '" + c.id + "' has no references");
    CountedCase& added = counted.emplace_back();
    added.hypothesis = CountSentence(c.hypothesis);
    for (const std::string& reference : c.references) {
      added.references.push_back(CountSentence(reference));
    }
  }

  const BleuScores bleu = ScoreBleu(counted);
  const std::vector<double> cider = ScoreCider(counted);
  CaptionScores scores{.bleu = bleu.corpus,
                       .hypothesis_tokens = bleu.hypothesis_tokens,
                       .reference_tokens = bleu.reference_tokens};
  for (std::size_t i = 0; i < counted.size(); ++i) {
    scores.each.push_back(
        {.bleu_4 = bleu.bleu_4[i], .rouge_l = ScoreRougeL(counted[i]), .cider = cider[i]});
    scores.rouge_l += scores.each.back().rouge_l;
    scores.cider += scores.each.back().cider;
  }
  scores.rouge_l /= static_cast<double>(counted.size());
  scores.cider /= static_cast<double>(counted.size());
  return scores;
}

}  // namespace stillwatch::model
