// Nouns: what the models of the catalogue are called in captions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::data {

struct Noun {
  std::string catalogue_name{};  // "Residential trashcan".
  std::string noun{};            // "bin".
  std::string places{};          // Of "trsc": table, room, street, car park.
  double weight = 0;             // How often, beside the others; 0: only as a passer-by.
  bool round = false;            // Looks alike from all sides.
  bool paint = false;            // Its largest plain part takes any colour.
  bool plant = false;            // Its leaves move in the wind.
  bool person = false;
};

// The table of nouns.tsv, built into the program.
[[nodiscard]] Result<std::vector<Noun>> BuiltInNouns();

// kDataLoss names the line that does not fit.
[[nodiscard]] Result<std::vector<Noun>> ParseNouns(std::string_view text);

}  // namespace stillwatch::data
