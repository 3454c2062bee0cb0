// CaptionWords: does a caption name the thing, and which colours does it name?

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

enum class Naming {
  kNot,
  kFairly,   // By a word that synonyms.tsv calls fair: "vehicle" for a car.
  kExactly,  // The noun itself, in the singular or the plural.
};

// `thing` is a noun as the truth writes it; colours, sizes and materials before it count as no
// part of it: "small brown rubber cube" is a cube.  Upper and lower case are the same.
// Thread-safe.
Naming NamesThing(std::string_view caption, std::string_view thing);

// The colour words of a caption, in its order, spelt as our captions do ("gray" is "grey").
// Thread-safe.
std::vector<std::string> ColorsIn(std::string_view caption);

}  // namespace stillwatch::model
