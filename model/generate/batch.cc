#include "model/generate/batch.h"

#include <algorithm>
#include <string>

namespace stillwatch::model {

DecodeBatch::DecodeBatch(StepDecoder* decoder)
    : decoder_(decoder), largest_(static_cast<std::size_t>(decoder->slots())) {
  for (int slot = decoder->slots() - 1; slot >= 0; --slot) free_.push_back(slot);
}

Status DecodeBatch::CanWrite(const DecoderPrompt& prompt, const GenerateOptions& options) const {
  if (Status s = Check(options); !s.ok()) return s;
  if (SlotsFor(options) > decoder_->slots()) {
    return InvalidArgument("beams: " + std::to_string(SlotsFor(options)) +
                           " sequences are wanted, the decoder holds " +
                           std::to_string(decoder_->slots()) + " at once");
  }
  auto longest = options.forced.empty() ? static_cast<std::int64_t>(options.max_tokens)
                                        : static_cast<std::int64_t>(options.forced.size());
  std::vector<int> given = options.forced;
  for (const auto& caption : options.also) {
    longest = std::max(longest, static_cast<std::int64_t>(caption.size()));
    given.insert(given.end(), caption.begin(), caption.end());
  }
  if (prompt.tokens() + longest > decoder_->slot_tokens()) {
    return InvalidArgument("a prompt of " + std::to_string(prompt.tokens()) + " tokens and " +
                           std::to_string(longest) + " to be written are more than the " +
                           std::to_string(decoder_->slot_tokens()) + " there is room for");
  }
  for (const int id : given) {
    if (id < 0 || id >= decoder_->vocabulary()) {
      return InvalidArgument("token " + std::to_string(id) + " is not in the vocabulary");
    }
  }
  return {};
}

bool DecodeBatch::HasRoomFor(const GenerateOptions& options) const {
  return static_cast<int>(free_.size()) >= SlotsFor(options);
}

Status DecodeBatch::Join(std::span<const Newcomer> newcomers) {
  std::vector<Member> joining;
  for (const Newcomer& newcomer : newcomers) {
    Member member{.id = newcomer.id, .prompt_tokens = newcomer.prompt->tokens()};
    for (int i = 0; i < SlotsFor(*newcomer.options); ++i) {
      member.slots.push_back(free_.back());
      free_.pop_back();
    }
    member.generation = StartGeneration(*newcomer.options, member.slots);
    joining.push_back(std::move(member));
  }
  if (Status s = Prefill(joining, newcomers); !s.ok()) {
    for (auto member = joining.rbegin(); member != joining.rend(); ++member) {
      free_.insert(free_.end(), member->slots.rbegin(), member->slots.rend());
    }
    return s;
  }
  for (Member& member : joining) members_.push_back(std::move(member));
  return {};
}

Status DecodeBatch::Prefill(std::span<Member> newcomers, std::span<const Newcomer> requests) {
  std::vector<StepDecoder::Prompt> prompts;
  bool logits = false;
  for (std::size_t i = 0; i < newcomers.size(); ++i) {
    prompts.push_back({.slot = newcomers[i].slots[0], .prompt = requests[i].prompt});
    logits = logits || newcomers[i].generation->wants_logits();
  }
  if (prompts.empty()) return {};
  const auto result = decoder_->Prefill(prompts, logits);
  if (!result) {
    if (result.error().code() != StatusCode::kResourceExhausted || newcomers.size() == 1) {
      return result.error();
    }
    ++stats_.shrinks;
    const std::size_t half = newcomers.size() / 2;
    if (Status s = Prefill(newcomers.first(half), requests.first(half)); !s.ok()) return s;
    return Prefill(newcomers.subspan(half), requests.subspan(half));
  }
  stats_.prefills += prompts.size();
  for (std::size_t i = 0; i < newcomers.size(); ++i) {
    newcomers[i].generation->Start(result->best[i],
                                   logits ? result->logits[i] : std::span<const float>());
    // The other beams start from the same prompt, which from now on is the same in all their slots.
    for (std::size_t beam = 1; beam < newcomers[i].slots.size(); ++beam) {
      decoder_->Copy(newcomers[i].slots[0], newcomers[i].slots[beam], 0);
    }
  }
  return {};
}

Status DecodeBatch::Step() {
  std::vector<Member*> open;
  for (Member& member : members_) {
    if (!member.generation->done()) open.push_back(&member);
  }
  std::size_t at = 0;
  while (at < open.size()) {
    std::size_t count = 0;
    std::size_t rows = 0;
    while (at + count < open.size()) {
      const std::size_t more = open[at + count]->generation->tokens().size();
      if (count > 0 && rows + more > largest_) break;
      rows += more;
      ++count;
    }
    const Status status = StepSome(std::span(open).subspan(at, count));
    if (status.code() == StatusCode::kResourceExhausted && count > 1) {
      ++stats_.shrinks;
      largest_ = std::max<std::size_t>(rows / 2, 1);
      continue;
    }
    if (!status.ok()) return status;
    at += count;
  }
  return {};
}

Status DecodeBatch::StepSome(std::span<Member*> members) {
  std::vector<StepDecoder::Token> tokens;
  bool logits = false;
  for (const Member* member : members) {
    // A copy of a copy is the same again, so a step that is tried twice does no harm.
    for (const Generation::Copy& copy : member->generation->copies()) {
      decoder_->Copy(copy.from, copy.to, member->prompt_tokens);
    }
    for (const StepDecoder::Token& token : member->generation->tokens()) tokens.push_back(token);
    logits = logits || member->generation->wants_logits();
  }
  const auto result = decoder_->Step(tokens, logits);
  if (!result) return result.error();
  ++stats_.steps;
  stats_.rows += tokens.size();
  std::size_t row = 0;
  for (Member* member : members) {
    const std::size_t rows = member->generation->tokens().size();
    member->generation->Take(std::span(result->best).subspan(row, rows),
                             logits ? std::span(result->logits).subspan(row, rows)
                                    : std::span<const std::span<const float>>());
    row += rows;
  }
  return {};
}

bool DecodeBatch::Leave(std::uint64_t id) {
  const auto member = std::find_if(members_.begin(), members_.end(),
                                   [id](const Member& other) { return other.id == id; });
  if (member == members_.end()) return false;
  free_.insert(free_.end(), member->slots.rbegin(), member->slots.rend());
  members_.erase(member);
  return true;
}

bool DecodeBatch::AllDone() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const Member& member) { return member.generation->done(); });
}

}  // namespace stillwatch::model
