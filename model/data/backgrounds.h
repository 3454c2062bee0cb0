// Backgrounds: the empty scenes that pairs are composed on.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/data/grounds.h"
#include "model/data/random.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// Photographs (houses_subset, amos_daynight, coco128seg, office_cutouts) and made grounds.
//
// Immutable after Load: any number of threads may draw.
class Backgrounds {
 public:
  // What is absent below `material` is named in `absent` and done without; an empty path means
  // made grounds alone.  kDataLoss: a picture that cannot be read, by name.
  [[nodiscard]] static Result<Backgrounds> Load(const std::filesystem::path& material,
                                                std::uint64_t seed,
                                                std::vector<std::string>& absent);

  // A scene for the test split (`test`: held-out photographs and their own made grounds) or for
  // the others.  `place`: where the thing that matters stands.
  Background Draw(char place, bool test, Random& random) const;

  // Two pictures of one web camera at different times; false where there are none.
  bool DrawCamera(bool test, Random& random, Background& scene) const;

  std::size_t photographs() const { return photographs_.size(); }

 private:
  struct Photograph {
    Image rgb{};
    std::string places{};
    std::string ground{};
    double top = 0.6;  // Fractions of the height.
    double horizon = 0.4;
    double m_per_width = 4;  // Metres across the lower edge.
    double weight = 1;
    int camera = -1;  // Pictures of one web camera share a number.
    bool test = false;
  };
  Background Use(const Photograph& photograph, char place, Random& random) const;
  [[nodiscard]] Status Add(const std::filesystem::path& folder, Photograph like);

  std::vector<Photograph> photographs_;
  std::vector<std::vector<std::size_t>> cameras_;  // With at least two pictures.
  std::unique_ptr<Grounds> grounds_;
  std::unique_ptr<Grounds> test_grounds_;
};

}  // namespace stillwatch::data
