// DecodeBatch: the captions that are being written at this moment.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "model/generate/generation.h"
#include "model/generate/options.h"
#include "model/generate/step_decoder.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// Captions join when there are slots and leave when they are done, one step of the decoder at a
// time: nobody waits for the longest of a batch.
//
// Where the decoder has no memory for a batch, half of it is tried, down to single rows; what went
// through is remembered as the largest batch, so that memory does not run out at every step.
//
// Not thread-safe: belongs to the thread that runs the decoder.
class DecodeBatch {
 public:
  struct Stats {
    std::uint64_t steps = 0;     // Calls of the decoder's Step that went through.
    std::uint64_t rows = 0;      // Tokens they made: rows / steps is the mean batch.
    std::uint64_t prefills = 0;  // Prompts read.
    std::uint64_t shrinks = 0;   // Times that memory ran out and a smaller batch was tried.
  };

  explicit DecodeBatch(StepDecoder* decoder);

  // kInvalidArgument: these can never be written (options, beams, a prompt too long for a slot).
  [[nodiscard]] Status CanWrite(const DecoderPrompt& prompt, const GenerateOptions& options) const;

  // Whether a caption with these options may join now.
  bool HasRoomFor(const GenerateOptions& options) const;

  struct Newcomer {
    std::uint64_t id = 0;  // The caller's.
    const DecoderPrompt* prompt = nullptr;
    const GenerateOptions* options = nullptr;
  };

  // Reads the prompts of several newcomers.  A failure concerns all of them; none has joined.
  // REQUIRES: CanWrite is ok and HasRoomFor is true for all of them together.
  [[nodiscard]] Status Join(std::span<const Newcomer> newcomers);

  // One more token for each that is not done.  A failure concerns all of them.
  [[nodiscard]] Status Step();

  // Drops one, done or not.  False if it is not here.
  bool Leave(std::uint64_t id);

  // Those that are here, in the order in which they joined.
  struct Member {
    std::uint64_t id = 0;
    std::unique_ptr<Generation> generation{};
    std::vector<int> slots{};
    int prompt_tokens = 0;
  };
  const std::vector<Member>& members() const { return members_; }

  bool AllDone() const;
  int free_slots() const { return static_cast<int>(free_.size()); }
  const Stats& stats() const { return stats_; }

 private:
  Status Prefill(std::span<Member> newcomers, std::span<const Newcomer> requests);
  Status StepSome(std::span<Member*> members);

  StepDecoder* const decoder_;
  std::vector<int> free_;
  std::vector<Member> members_;
  std::size_t largest_;  // Rows of a step, as far as memory is known to go.
  Stats stats_;
};

}  // namespace stillwatch::model
