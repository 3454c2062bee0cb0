#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>

#include "model/runtime/speak_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// How change captioners are taught to say it (CLEVR-Change, LEVIR-CC, Spot-the-Diff and CCExpert's
// data).  A choice, not a measurement.
constexpr std::array<std::string_view, 3> kNothing = {
    "There is no difference between the two images.", "The two images are the same.",
    "Nothing has changed."};
// A caption that holds one of these says that nothing has changed.
constexpr std::array<std::string_view, 8> kSaysNothing = {
    "no difference", "no change",    "nothing has changed", "nothing changed",
    "are identical", "are the same", "no visible",          "no significant"};
constexpr std::int64_t kSentenceRoom = 64;  // Tokens: more than any of the sentences takes.

double Mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool SaysNothing(std::string caption) {
  std::transform(caption.begin(), caption.end(), caption.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kSaysNothing.begin(), kSaysNothing.end(), [&](std::string_view words) {
    return caption.find(words) != std::string::npos;
  });
}

}  // namespace

Speech::Speech(Qwen2& decoder, Tensor prompt) : decoder_(decoder), prompt_(std::move(prompt)) {}

void Speech::Start(std::int64_t room) {
  if (first_.defined() && room <= room_) {
    cache_.length = prompt_.size(1);  // What was said behind the prompt is written over.
    return;
  }
  room_ = room;
  cache_ = decoder_->MakeCache(1, prompt_.size(1) + room);
  const Tensor hidden = decoder_(prompt_, &cache_).slice(1, prompt_.size(1) - 1);
  first_ = torch::log_softmax(decoder_->Logits(hidden)[0][0].to(torch::kFloat32), -1);
}

Tensor Speech::Next(std::int64_t id) {
  const Tensor ids =
      torch::full({1, 1}, id, torch::TensorOptions(torch::kInt64).device(prompt_.device()));
  const Tensor hidden = decoder_(decoder_->Embed(ids).to(prompt_.scalar_type()), &cache_);
  return torch::log_softmax(decoder_->Logits(hidden)[0][0].to(torch::kFloat32), -1);
}

Spoken Speech::Continue(int max_tokens, const std::vector<int>& stop) {
  Spoken spoken;
  Start(std::max<std::int64_t>(max_tokens, kSentenceRoom));
  Tensor likely = first_;
  for (int i = 0; i < max_tokens; ++i) {
    const auto id = static_cast<int>(likely.argmax().item<std::int64_t>());
    if (std::find(stop.begin(), stop.end(), id) != stop.end()) break;
    spoken.ids.push_back(id);
    spoken.logprobs.push_back(likely[id].item<double>());
    if (i + 1 < max_tokens) likely = Next(id);
  }
  return spoken;
}

std::vector<double> Speech::LogProbabilities(const std::vector<int>& ids) {
  std::vector<double> values;
  Start(std::max(static_cast<std::int64_t>(ids.size()), kSentenceRoom));
  Tensor likely = first_;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    values.push_back(likely[ids[i]].item<double>());
    if (i + 1 < ids.size()) likely = Next(ids[i]);
  }
  return values;
}

SpokenVerdict JudgeByWords(const Tokenizer& tokenizer, const std::string& caption,
                           const Spoken& spoken, Speech& speech) {
  double nothing = -std::numeric_limits<double>::infinity();
  for (const std::string_view sentence : kNothing) {
    nothing = std::max(nothing, Mean(speech.LogProbabilities(tokenizer.EncodePlain(sentence))));
  }
  const double said = Mean(spoken.logprobs);
  const double probability = 1 / (1 + std::exp(nothing - said));
  if (spoken.ids.empty() || SaysNothing(caption)) {
    // The caption stands for "nothing"; how sure it is, is how sure its words are.
    const double sure = std::max(0.5, std::exp(std::max(said, nothing)));
    return {.changed = false, .changed_probability = 1 - sure};
  }
  return {.changed = probability > 0.5, .changed_probability = probability};
}

}  // namespace stillwatch::model
