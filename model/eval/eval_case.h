// EvalCase: one pair of pictures, what is true of it, and what a system said.

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace stillwatch::model {

inline constexpr const char* kSameWord = "same";  // The kind of an unchanged pair.

struct EvalCase {
  std::string id{};
  std::string group{};  // Part of the set that gets a row of its own; may be empty.

  // The truth.  What is empty is not told, and counts in no figure that needs it.
  std::string kind{};  // Name of a ChangeKind, or kSameWord.
  std::vector<std::string> references{};
  std::string thing{};        // The noun of what changed.
  std::string color{};        // The word that a caption which speaks of a colour should say.
  bool color_needed = false;  // The colour is what changed: a caption without it is wrong.

  // The answer.
  std::optional<std::string> caption{};
  std::optional<double> changed_probability{};  // 0..1
  std::string said_kind{};                      // If something changed, it is this.

  bool told() const { return !kind.empty(); }
  bool changed() const { return told() && kind != kSameWord; }
  bool said_changed() const { return changed_probability.value_or(0) > 0.5; }
};

}  // namespace stillwatch::model
