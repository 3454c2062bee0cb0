// Thing: what may stand in front of a camera, in all the views there are of it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/data/sprite.h"

namespace stillwatch::data {

// One view of a thing.
struct ThingView {
  Sprite sprite{};
  bool high = false;  // Seen from high above (a mast, a roof); else from about a person's height.
  int azimuth = 0;    // Views of one height with different numbers show different sides.
  std::optional<std::string> color{};  // The colour word that fits, where one is clear.
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // Bounds of what can be seen, pixels, half open.
};

struct Thing {
  std::string id{};      // Unique in the bank.
  std::string noun{};    // "cardboard box".
  std::string places{};  // Of "trsc" as in nouns.tsv; 'k' for the blocks of CLEVR scenes.
  double weight = 1;
  std::string detail{};  // "a blue cap"; often empty.
  bool round = false;
  bool plant = false;
  bool person = false;  // Only ever passes by.
  bool test = false;    // Held out: for pairs of the test split alone.
  std::string creator{};
  std::string licence{};
  std::vector<ThingView> views{};
};

// Fills the bounds and the colour of a view; false where nothing can be seen.
bool Measure(ThingView& view);

}  // namespace stillwatch::data
