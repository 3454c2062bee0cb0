#include "model/data/nouns.h"

#include <charconv>
#include <sstream>

namespace stillwatch::data {

extern const char kNounsTable[];  // nouns_table.cc.in, filled by CMake.

Result<std::vector<Noun>> BuiltInNouns() { return ParseNouns(kNounsTable); }

Result<std::vector<Noun>> ParseNouns(std::string_view text) {
  std::vector<Noun> nouns;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    std::vector<std::string> fields;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) fields.push_back(cell);
    if (fields.size() == 4) fields.emplace_back();
    const std::string where = "nouns.tsv line " + std::to_string(number) + ": ";
    if (fields.size() != 5) return DataLoss(where + "five fields separated by tabs are wanted");
    Noun noun{.catalogue_name = fields[0], .noun = fields[1], .places = fields[2]};
    const char* end = fields[3].data() + fields[3].size();
    if (std::from_chars(fields[3].data(), end, noun.weight).ptr != end || !(noun.weight >= 0)) {
      return DataLoss(where + "weight '" + fields[3] + "' is not a number from 0");
    }
    if (noun.places.empty() || noun.places.find_first_not_of("trsc") != std::string::npos) {
      return DataLoss(where + "places '" + noun.places + "' are not of t, r, s, c");
    }
    noun.round = fields[4] == "round";
    noun.paint = fields[4] == "paint";
    noun.plant = fields[4] == "plant";
    noun.person = fields[4] == "person";
    if (!fields[4].empty() && !noun.round && !noun.paint && !noun.plant && !noun.person) {
      return DataLoss(where + "unknown flag '" + fields[4] + "'");
    }
    nouns.push_back(noun);
  }
  return nouns;
}

}  // namespace stillwatch::data
