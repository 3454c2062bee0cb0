// Grounds: made floors, walls, table tops, pavements and car parks.

#pragma once

#include <string>
#include <vector>

#include "model/data/image.h"
#include "model/data/random.h"

namespace stillwatch::data {

// An empty scene and where things can stand in it.  Sizes in pixels of `rgb`.
struct Background {
  Image rgb{};
  Image other{};          // The same camera at another time, or empty: then there is one picture.
  char place = 'r';       // Of "trsck", see thing.h.
  bool high = false;      // The camera looks down steeply.
  std::string ground{};   // "floor", "table", "pavement", "ground", "car park".
  double top = 0;         // Things stand between these rows,
  double bottom = 0;      //
  double horizon = 0;     // and shrink towards this one (negative: above the picture).
  double px_per_m = 100;  // At row `bottom`.
};

// Textures that grounds and walls are made of; drawn once from a seed.
//
// Immutable after Make: any number of threads may draw grounds.
class Grounds {
 public:
  [[nodiscard]] static Result<Grounds> Make(std::uint64_t seed);

  // `place` as in Background.  480 to 640 pixels wide.
  Background Draw(char place, Random& random) const;

 private:
  struct Texture {
    Image rgb{};
    char kind = 'p';  // p plain, a asphalt, s slabs, w wood, b bricks, g grass, t tiles
  };
  const Image& Pick(const std::string& kinds, Random& random) const;
  std::vector<Texture> textures_;
};

// A field of soft spots, `cells` across, values 0..255, the longer side up to 1024.
Image SoftNoise(int width, int height, int cells, Random& random);

}  // namespace stillwatch::data
