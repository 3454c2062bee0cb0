#include "pipeline/select/profiles.h"

#include <cstddef>
#include <optional>
#include <utility>

#include <opencv2/core.hpp>

namespace stillwatch::select {

void Profiles::Clear() {
  now_ = {};
  others_.clear();
}

WorkingPicture Profiles::Switch(WorkingPicture present, const DifferencePolicy& policy) {
  std::optional<std::size_t> known;
  for (std::size_t i = 0; i < others_.size() && !known; ++i) {
    const WorkingPicture& reference = others_[i].reference.picture();
    WorkingPicture alike = present;
    RemoveLight(FitLight(reference, alike), alike);
    const Image score = ScoreOf(reference, alike, policy);
    // A fifth: there may be changes in it.  A guess.
    if (cv::countNonZero(score.mat() >= 1) < 0.2 * static_cast<double>(score.mat().total())) {
      known = i;
    }
  }
  Profile next;
  if (known) {
    next = std::move(others_[*known]);
    others_.erase(others_.begin() + static_cast<std::ptrdiff_t>(*known));
    RemoveLight(FitLight(next.reference.picture(), present), present);
  } else {
    next.reference.Start(present);
  }
  constexpr std::size_t kMost = 3;
  others_.push_back(std::move(now_));
  if (others_.size() > kMost) others_.erase(others_.begin());
  now_ = std::move(next);
  return present;
}

}  // namespace stillwatch::select
