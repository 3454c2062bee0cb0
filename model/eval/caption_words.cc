#include "model/eval/caption_words.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

namespace stillwatch::model {

extern const char kSynonymsTable[];  // synonyms.tsv, compiled in.

namespace {

using List = std::vector<std::string>;

// "boxes" and "box" become one.  What it makes of other words ("glass" -> "glas") does not matter:
// both sides of every comparison go through it.
std::string Singular(std::string word) {
  const auto ends = [&word](std::string_view end) { return word.ends_with(end); };
  if (word.size() < 4 || !ends("s")) return word;
  if (ends("ies")) return word.substr(0, word.size() - 3) + "y";
  if (ends("xes") || ends("ches") || ends("shes") || ends("sses")) {
    word.resize(word.size() - 2);
  } else if (!ends("ss")) {
    word.pop_back();
  }
  return word;
}

// Words in lower case and in the singular; everything but letters, digits and hyphens parts them.
List Words(std::string_view text) {
  List words;
  std::string word;
  for (const char c : std::string(text) + " ") {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80 || c == '-') {
      word += static_cast<char>(std::tolower(byte));
    } else if (!word.empty()) {
      words.push_back(Singular(word));
      word.clear();
    }
  }
  return words;
}

bool Holds(const List& text, const List& phrase) {
  return !phrase.empty() &&
         std::search(text.begin(), text.end(), phrase.begin(), phrase.end()) != text.end();
}

const std::map<List, std::vector<List>>& Synonyms() {
  static const auto* table = [] {
    auto* read = new std::map<List, std::vector<List>>;
    std::istringstream lines(kSynonymsTable);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t tab = line.find('\t');
      if (line.empty() || line[0] == '#' || tab == std::string::npos) continue;
      auto& fair = (*read)[Words(line.substr(0, tab))];
      std::istringstream phrases(line.substr(tab + 1));
      for (std::string phrase; std::getline(phrases, phrase, ',');) fair.push_back(Words(phrase));
    }
    return read;
  }();
  return *table;
}

// The colour as our captions spell it; empty: no colour word.
std::string ColorOf(const std::string& word) {
  static const std::map<std::string, std::string> kColors = {
      {"black", "black"}, {"white", "white"},   {"grey", "grey"},     {"gray", "grey"},
      {"red", "red"},     {"orange", "orange"}, {"yellow", "yellow"}, {"green", "green"},
      {"cyan", "cyan"},   {"blue", "blue"},     {"purple", "purple"}, {"violet", "purple"},
      {"pink", "pink"},   {"brown", "brown"},   {"silver", "silver"}, {"turquoise", "cyan"}};
  const auto found = kColors.find(word);
  return found == kColors.end() ? "" : found->second;
}

// What stands before a noun and is no part of it.
bool Describes(const std::string& word) {
  static const List kWords = {"a",      "an",     "the",    "small",   "large",
                              "big",    "little", "light",  "dark",    "bright",
                              "rubber", "metal",  "wooden", "plastic", "light-coloured",
                              "shiny",  "matte"};
  return !ColorOf(word).empty() || std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

Naming NamesThing(std::string_view caption, std::string_view thing) {
  const List text = Words(caption);
  List noun = Words(thing);
  while (noun.size() > 1 && Describes(noun.front())) noun.erase(noun.begin());
  if (Holds(text, noun)) return Naming::kExactly;
  // "estate car": what is fair for it, then the car alone, then what is fair for a car.
  for (List part = noun; !part.empty(); part.erase(part.begin())) {
    if (Holds(text, part)) return Naming::kFairly;
    const auto found = Synonyms().find(part);
    if (found == Synonyms().end()) continue;
    for (const List& fair : found->second) {
      if (Holds(text, fair)) return Naming::kFairly;
    }
  }
  return Naming::kNot;
}

std::vector<std::string> ColorsIn(std::string_view caption) {
  std::vector<std::string> colors;
  for (const std::string& word : Words(caption)) {
    if (std::string color = ColorOf(word); !color.empty()) colors.push_back(std::move(color));
  }
  return colors;
}

}  // namespace stillwatch::model
