// Profiles: the same place in other lights and from other viewpoints.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/select/difference.h"
#include "pipeline/select/light.h"
#include "pipeline/select/open_changes.h"
#include "pipeline/select/reference.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// A scene in one light and from one viewpoint, with the changes that are open in it.
struct Profile {
  std::uint32_t number = 0;  // Tells profiles apart; the same over a restart.
  Reference reference;
  OpenChanges open;
  // Told before a restart, with no word that they were acknowledged: told again under their ids if
  // they are still there, and as resolved if not.
  OpenChanges claims;
};

// Day and night, lamps on and off, presets of a camera that turns: what was known before is kept,
// so that what changed meanwhile is found when the old light or view is back.
//
// Memory: the present profile and three others; the oldest is forgotten.  Not thread-safe: belongs
// to its selector.
class Profiles {
 public:
  Profile& now() { return now_; }
  const Profile& now() const { return now_; }

  // The whole picture has changed: goes back to a profile that `present` (in its own light) fits,
  // or starts a new one.  Returns `present` in the light of the profile that is now.
  WorkingPicture Switch(WorkingPicture present, const DifferencePolicy& policy);

  void Clear();

  // Oldest first, at most kMostOthers.
  static constexpr std::size_t kMostOthers = 3;
  std::vector<Profile>& others() { return others_; }
  const std::vector<Profile>& others() const { return others_; }
  std::vector<Profile*> All();
  // nullptr: forgotten.
  Profile* WithNumber(std::uint32_t number);
  // As a saved state has them.  REQUIRES: others.size() <= kMostOthers.
  void Restore(Profile now, std::vector<Profile> others);

 private:
  Profile now_;
  std::vector<Profile> others_;
};

}  // namespace stillwatch::select
