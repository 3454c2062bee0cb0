// GenerateOptions: how the decoder's next tokens are chosen, and when a caption ends.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

inline constexpr int kMostBeams = 16;

struct GenerateOptions {
  int max_tokens = 80;
  std::vector<int> stop_ids{};  // Any of them ends the caption and is no part of it.
  // Forced length: stop ids are tokens like any other, and exactly max_tokens are written.
  bool no_stop = false;

  // More than one: beam search (the caption with the best sum of log-probabilities divided by
  // length to the power of length_penalty), which leaves no room for a temperature.
  int beams = 1;
  double length_penalty = 1;

  double temperature = 0;  // 0: always the likeliest token.
  double top_p = 1;        // 0..1: only the likeliest tokens that together have this probability.
  std::uint64_t seed = 0;  // The same seed, options and prompt write the same caption.

  // Not empty: exactly these tokens, whatever the decoder would say.  For their probabilities.
  std::vector<int> forced{};

  // Other captions of the same prompt whose probabilities are wanted beside the one that is written
  // (Generated::also).  Each takes a slot.
  std::vector<std::vector<int>> also{};
};

// kInvalidArgument names the option and what is wanted.
[[nodiscard]] Status Check(const GenerateOptions& options);

// What was written.
struct Generated {
  std::vector<int> ids{};
  std::vector<float> log_probabilities{};  // Of each id, under the decoder's own distribution.
  float end_log_probability = 0;           // Of the stop id, if one ended the caption.
  bool stopped = false;                    // By a stop id; else by max_tokens.
  std::vector<double> also{};              // Mean log-probabilities of GenerateOptions::also.

  // Mean log-probability of what was chosen, the end included; 0 for nothing.
  double MeanLogProbability() const;
};

}  // namespace stillwatch::model
