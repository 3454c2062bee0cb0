#include "model/generate/generate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "model/generate/batch.h"
#include "tests/unit/model/generate/fake_decoder.h"

namespace stillwatch::model {
namespace {

constexpr int kVocabulary = 5;
constexpr int kStop = 0;

double LogProbability(const std::vector<int>& before, int id) {
  const auto logits = FakeLogits(before, kVocabulary);
  return logits[static_cast<std::size_t>(id)] - LogSumExp(logits);
}

std::vector<int> GreedyByHand(std::vector<int> sequence, int most, bool stop) {
  std::vector<int> ids;
  while (static_cast<int>(ids.size()) < most) {
    const int id = Likeliest(FakeLogits(sequence, kVocabulary)).id;
    if (stop && id == kStop) break;
    ids.push_back(id);
    sequence.push_back(id);
  }
  return ids;
}

// Every caption of at most `most` tokens, with its sum of log-probabilities and length (the stop
// token counts in both).
struct Caption {
  std::vector<int> ids;
  double score;
};
Caption BestOfAll(const std::vector<int>& prompt, int most, double penalty) {
  Caption best{{}, -1e300};
  const std::function<void(std::vector<int>, double)> walk = [&](std::vector<int> ids, double sum) {
    std::vector<int> sequence = prompt;
    sequence.insert(sequence.end(), ids.begin(), ids.end());
    const auto offer = [&](double total, std::size_t length) {
      const double score = total / std::pow(static_cast<double>(length), penalty);
      if (score > best.score) best = {ids, score};
    };
    if (static_cast<int>(ids.size()) == most) {
      offer(sum, ids.size());
      return;
    }
    for (int id = 0; id < kVocabulary; ++id) {
      const double with = sum + LogProbability(sequence, id);
      if (id == kStop) {
        offer(with, ids.size() + 1);
        continue;
      }
      std::vector<int> longer = ids;
      longer.push_back(id);
      walk(longer, with);
    }
  };
  walk({}, 0);
  return best;
}

std::vector<Generated> Write(FakeDecoder& decoder, const std::vector<FakePrompt>& prompts,
                             const GenerateOptions& options) {
  std::vector<GenerateRequest> requests;
  for (const FakePrompt& prompt : prompts) requests.push_back({&prompt, options});
  auto result = Generate(decoder, requests);
  EXPECT_TRUE(result) << (result ? "" : result.error().message());
  return result ? *result : std::vector<Generated>(prompts.size());
}

std::vector<FakePrompt> SomePrompts(int count) {
  std::vector<FakePrompt> prompts;
  for (int i = 0; i < count; ++i) {
    prompts.emplace_back(std::vector<int>(static_cast<std::size_t>(1 + i % 4), i));
  }
  return prompts;
}

TEST(GenerateTest, GreedyTakesTheLikeliestTokenUntilAStopId) {
  FakeDecoder decoder(4, 40, kVocabulary);
  const auto prompts = SomePrompts(9);
  const auto results = Write(decoder, prompts, {.max_tokens = 12, .stop_ids = {kStop}});
  bool some_stopped = false;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_EQ(results[i].ids, GreedyByHand(prompts[i].ids, 12, true)) << i;
    EXPECT_EQ(results[i].stopped, results[i].ids.size() < 12);
    some_stopped = some_stopped || results[i].stopped;
    std::vector<int> sequence = prompts[i].ids;
    for (std::size_t t = 0; t < results[i].ids.size(); ++t) {
      EXPECT_NEAR(results[i].log_probabilities[t], LogProbability(sequence, results[i].ids[t]),
                  1e-5);
      sequence.push_back(results[i].ids[t]);
    }
    if (results[i].stopped) {
      EXPECT_NEAR(results[i].end_log_probability, LogProbability(sequence, kStop), 1e-5);
    }
  }
  EXPECT_TRUE(some_stopped);
}

TEST(GenerateTest, ForcedLengthIgnoresStopIds) {
  FakeDecoder decoder(2, 40, kVocabulary);
  const auto prompts = SomePrompts(6);
  const auto results =
      Write(decoder, prompts, {.max_tokens = 12, .stop_ids = {kStop}, .no_stop = true});
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_EQ(results[i].ids, GreedyByHand(prompts[i].ids, 12, false)) << i;
    EXPECT_EQ(results[i].ids.size(), 12U);
    EXPECT_FALSE(results[i].stopped);
  }
}

TEST(GenerateTest, ACaptionThatEndsMakesRoomForTheNext) {
  FakeDecoder decoder(3, 40, kVocabulary);
  const auto prompts = SomePrompts(12);
  const auto results = Write(decoder, prompts, {.max_tokens = 12, .stop_ids = {kStop}});
  // No row is spent on a caption that has ended: a caption of n tokens takes n - 1 steps after the
  // prompt, one more if a stop id ends it.
  std::size_t rows = 0;
  for (const Generated& result : results) rows += result.ids.size() - (result.stopped ? 0 : 1);
  EXPECT_EQ(std::accumulate(decoder.steps.begin(), decoder.steps.end(), std::size_t{0}), rows);
  EXPECT_LE(*std::max_element(decoder.steps.begin(), decoder.steps.end()), 3U);
}

TEST(GenerateTest, AWideBeamFindsTheBestOfAllCaptions) {
  for (const double penalty : {0.0, 0.7, 1.0, 1.5}) {
    for (const auto& prompt : SomePrompts(12)) {
      FakeDecoder decoder(16, 40, kVocabulary);
      // 16 beams hold every unfinished caption of two tokens (4 x 4), so nothing is cut off.
      const auto results =
          Write(decoder, {prompt},
                {.max_tokens = 3, .stop_ids = {kStop}, .beams = 16, .length_penalty = penalty});
      const Caption best = BestOfAll(prompt.ids, 3, penalty);
      EXPECT_EQ(results[0].ids, best.ids) << "penalty " << penalty;
    }
  }
}

TEST(GenerateTest, ANarrowBeamIsAtLeastAsGoodAsGreedyAndKeepsItsHistoriesApart) {
  int better = 0;
  for (const auto& prompt : SomePrompts(30)) {
    FakeDecoder decoder(3, 40, kVocabulary);
    const GenerateOptions greedy = {.max_tokens = 8, .no_stop = true};
    GenerateOptions beam = greedy;
    beam.beams = 3;
    const Generated one = Write(decoder, {prompt}, greedy)[0];
    const Generated three = Write(decoder, {prompt}, beam)[0];
    // The probabilities are those of the caption itself: slots were not mixed up.
    std::vector<int> sequence = prompt.ids;
    for (std::size_t t = 0; t < three.ids.size(); ++t) {
      EXPECT_NEAR(three.log_probabilities[t], LogProbability(sequence, three.ids[t]), 1e-5);
      sequence.push_back(three.ids[t]);
    }
    better += three.MeanLogProbability() > one.MeanLogProbability() + 1e-6 ? 1 : 0;
  }
  EXPECT_GT(better, 10);
}

TEST(GenerateTest, BeamsGreedyAndDrawnCaptionsShareABatch) {
  const FakePrompt prompt({3, 1});
  const GenerateOptions greedy = {.max_tokens = 9, .no_stop = true};
  GenerateOptions beams = greedy;
  beams.beams = 3;
  GenerateOptions drawn = greedy;
  drawn.temperature = 1;
  drawn.seed = 5;
  const std::vector<GenerateRequest> all = {{&prompt, greedy}, {&prompt, beams}, {&prompt, drawn}};
  FakeDecoder decoder(5, 40, kVocabulary);
  const auto together = Generate(decoder, all);
  ASSERT_TRUE(together);
  for (std::size_t i = 0; i < all.size(); ++i) {
    FakeDecoder own(3, 40, kVocabulary);
    const auto alone = Generate(own, std::span(all).subspan(i, 1));
    ASSERT_TRUE(alone);
    EXPECT_EQ((*together)[i].ids, (*alone)[0].ids) << i;
  }
}

TEST(GenerateTest, ForcedTokensAreScored) {
  const FakePrompt prompt({2});
  FakeDecoder decoder(1, 40, kVocabulary);
  const auto result = Write(decoder, {prompt}, {.stop_ids = {kStop}, .forced = {4, kStop, 1}})[0];
  EXPECT_EQ(result.ids, (std::vector<int>{4, kStop, 1}));
  EXPECT_NEAR(
      result.MeanLogProbability(),
      (LogProbability({2}, 4) + LogProbability({2, 4}, kStop) + LogProbability({2, 4, kStop}, 1)) /
          3,
      1e-5);
}

TEST(GenerateTest, OtherCaptionsAreScoredBesideTheOneThatIsWritten) {
  const FakePrompt prompt({2, 4});
  const std::vector<std::vector<int>> others = {{4, kStop, 1}, {3}, {1, 1, 1, 1, 1, 1, 1, 1}};
  for (const int beams : {1, 3}) {
    GenerateOptions plain = {.max_tokens = 5, .no_stop = true, .beams = beams};
    GenerateOptions scored = plain;
    scored.also = others;
    FakeDecoder decoder(6, 40, kVocabulary);
    const auto wanted = Write(decoder, {prompt}, plain)[0];
    const auto result = Write(decoder, {prompt}, scored)[0];
    EXPECT_EQ(result.ids, wanted.ids);
    ASSERT_EQ(result.also.size(), 3U);
    for (std::size_t i = 0; i < others.size(); ++i) {
      const auto alone = Write(decoder, {prompt}, {.forced = others[i]})[0];
      EXPECT_NEAR(result.also[i], alone.MeanLogProbability(), 1e-6) << i;
    }
  }
}

TEST(GenerateTest, OutOfMemoryShrinksTheBatchAndChangesNoCaption) {
  const auto prompts = SomePrompts(8);
  const GenerateOptions options = {.max_tokens = 12, .stop_ids = {kStop}};
  FakeDecoder roomy(8, 40, kVocabulary);
  const auto expected = Write(roomy, prompts, options);
  FakeDecoder tight(8, 40, kVocabulary);
  tight.out_of_memory = [](std::size_t rows) { return rows > 3; };
  const auto results = Write(tight, prompts, options);
  for (std::size_t i = 0; i < prompts.size(); ++i) EXPECT_EQ(results[i].ids, expected[i].ids);
  EXPECT_LE(*std::max_element(tight.steps.begin(), tight.steps.end()), 3U);
  // With beams, too, whose steps are tried again after their slots were copied.
  GenerateOptions beams = options;
  beams.beams = 2;
  const auto wanted = Write(roomy, prompts, beams);
  const auto got = Write(tight, prompts, beams);
  for (std::size_t i = 0; i < prompts.size(); ++i) EXPECT_EQ(got[i].ids, wanted[i].ids);
}

TEST(GenerateTest, OutOfMemoryForASinglePairIsAnError) {
  FakeDecoder decoder(4, 40, kVocabulary);
  decoder.out_of_memory = [](std::size_t) { return true; };
  const FakePrompt prompt({2});
  const GenerateRequest request = {&prompt, {.max_tokens = 5}};
  const auto result = Generate(decoder, {&request, 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), StatusCode::kResourceExhausted);
}

TEST(GenerateTest, NamesTheOptionThatIsWrong) {
  FakeDecoder decoder(2, 20, kVocabulary);
  const FakePrompt prompt({1, 2, 3});
  const auto message = [&](const GenerateOptions& options) {
    const GenerateRequest request = {&prompt, options};
    const auto result = Generate(decoder, {&request, 1});
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code(), StatusCode::kInvalidArgument);
    return result ? std::string() : result.error().message();
  };
  const double nan = std::nan("");
  EXPECT_NE(message({.max_tokens = 0}).find("max tokens"), std::string::npos);
  EXPECT_NE(message({.beams = 0}).find("beams"), std::string::npos);
  EXPECT_NE(message({.max_tokens = 5, .beams = 3}).find("beams"), std::string::npos);
  EXPECT_NE(message({.temperature = -1}).find("temperature"), std::string::npos);
  EXPECT_NE(message({.temperature = nan}).find("temperature"), std::string::npos);
  EXPECT_NE(message({.top_p = 0}).find("top-p"), std::string::npos);
  EXPECT_NE(message({.max_tokens = 5, .beams = 2, .temperature = 1}).find("temperature"),
            std::string::npos);
  EXPECT_NE(message({.max_tokens = 18}).find("room"), std::string::npos);
  EXPECT_NE(message({.forced = {1, kVocabulary}}).find("vocabulary"), std::string::npos);
}

TEST(GenerateTest, ShowsCaptionsWhileTheyGrow) {
  FakeDecoder decoder(2, 40, kVocabulary);
  const auto prompts = SomePrompts(2);
  std::vector<GenerateRequest> requests;
  for (const auto& prompt : prompts) {
    requests.push_back({&prompt, {.max_tokens = 6, .no_stop = true}});
  }
  std::vector<std::vector<int>> seen(2);
  const auto results = Generate(decoder, requests, [&](std::size_t i, std::span<const int> ids) {
    ASSERT_GE(ids.size(), seen[i].size());
    EXPECT_TRUE(std::equal(seen[i].begin(), seen[i].end(), ids.begin()));
    seen[i].assign(ids.begin(), ids.end());
  });
  ASSERT_TRUE(results);
  EXPECT_EQ(seen[0], (*results)[0].ids);
  EXPECT_EQ(seen[1], (*results)[1].ids);
}

}  // namespace
}  // namespace stillwatch::model
