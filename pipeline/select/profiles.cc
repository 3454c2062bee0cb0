#include "pipeline/select/profiles.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <opencv2/core.hpp>

namespace stillwatch::select {

void Profiles::Clear() {
  now_ = {};
  others_.clear();
}

std::vector<Profile*> Profiles::All() {
  std::vector<Profile*> all{&now_};
  for (Profile& other : others_) all.push_back(&other);
  return all;
}

Profile* Profiles::WithNumber(std::uint32_t number) {
  const auto all = All();
  const auto one = std::find_if(all.begin(), all.end(),
                                [number](Profile* profile) { return profile->number == number; });
  return one == all.end() ? nullptr : *one;
}

void Profiles::Restore(Profile now, std::vector<Profile> others) {
  now_ = std::move(now);
  others_ = std::move(others);
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
    next.number = now_.number;
    for (const Profile& other : others_) next.number = std::max(next.number, other.number);
    ++next.number;
  }
  others_.push_back(std::move(now_));
  if (others_.size() > kMostOthers) others_.erase(others_.begin());
  now_ = std::move(next);
  return present;
}

}  // namespace stillwatch::select
