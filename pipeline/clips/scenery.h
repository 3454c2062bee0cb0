// Scenery: backgrounds, things and people that clips are made of.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/data/image.h"
#include "model/data/random.h"
#include "model/data/thing.h"
#include "pipeline/core/status.h"

namespace stillwatch::clips {

// Where a camera looks: nobody walks or leaves things in a view from afar.
enum class Place { kRoom, kYard, kView };

// Cut-outs of photographs from a folder of material (the folder `training` of the shared one), and
// drawn ones, which are always there.
//
// Immutable after Load: any number of threads may use it.
class Scenery {
 public:
  // An empty path means drawn things on made grounds alone; what is absent below the folder is done
  // without.  kNotFound: no such folder.  kDataLoss: a broken file, by name.
  [[nodiscard]] static Result<Scenery> Load(const std::filesystem::path& material);

  // By its id; "drawn_box" and the like are always there.  nullptr: there is no such thing.
  const data::Thing* Find(const std::string& id) const;

  // What can be left and taken, what walks by, and background names for scripts.
  const std::vector<const data::Thing*>& objects() const { return objects_; }
  const std::vector<const data::Thing*>& people() const { return people_; }
  const std::vector<std::string>& backgrounds(Place place) const {
    return place == Place::kRoom ? rooms_ : place == Place::kYard ? yards_ : views_;
  }

  // The picture by that name, cut and resized to exactly this size: a file below the material
  // folder, a picture or clip (its first frame) by its path, or "made:NUMBER".
  [[nodiscard]] Result<data::Image> Background(const std::string& name, int width,
                                               int height) const;

 private:
  std::filesystem::path material_;
  std::vector<data::Thing> things_;
  std::vector<const data::Thing*> objects_;
  std::vector<const data::Thing*> people_;
  std::vector<std::string> rooms_, yards_, views_;
};

// Drawn with lines and gradients; no photograph needed.  A figure has four views, one per phase of
// a step.
std::vector<data::Thing> DrawnThings();

}  // namespace stillwatch::clips
