// Pair: one training example, from its number.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/data/plan.h"
#include "pipeline/core/event.h"

namespace stillwatch::data {

inline constexpr int kPairSize_px = 224;

// What the data set holds of one pair.
struct Pair {
  std::uint64_t id = 0;
  std::optional<ChangeKind> kind{};          // Nothing: "same".
  std::vector<std::string> captions{};       // Short ones.
  std::vector<std::string> captions_long{};  // Up to 60 words; may be empty.
  std::string noun{};
  std::string color{};
  Region crop{};                       // Fractions of the full picture.
  Region region{};                     // Fractions of the crop; zeros: none was given.
  std::string split{};                 // "train", "val" or "test".
  std::string truth{};                 // JSON object; empty: none is stored.
  std::vector<std::uint8_t> pixels{};  // Reference then current, RGB, size x size each.
};

// Everything pairs are drawn from.  Immutable: any number of threads may draw from it.
struct Stock {
  std::vector<Thing> things{};
  Backgrounds backgrounds{};
  Pool train;
  Pool test;
};

// Pair `id` of `seed`: the same bytes for the same stock on every call.  kInternal if no
// drawing worked out in 60 attempts (or OpenCV threw).
[[nodiscard]] Result<Pair> DrawPair(const Stock& stock, std::uint64_t seed, std::uint64_t id);

// The line of pairs.jsonl.
std::string ToJsonLine(const Pair& pair);

}  // namespace stillwatch::data
