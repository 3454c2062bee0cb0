// Telling: settled candidates become the steps of change events, and the reference moves on.

#pragma once

#include <string>
#include <vector>

#include "pipeline/select/geometry.h"
#include "pipeline/select/grouping.h"
#include "pipeline/select/open_changes.h"
#include "pipeline/select/pair_selector.h"
#include "pipeline/select/profiles.h"
#include "pipeline/select/recent_samples.h"
#include "pipeline/select/settled_scene.h"

namespace stillwatch::select {

// What one telling needs to know.  Borrows everything: for one call.
struct TellingContext {
  const std::string& camera;
  const SettledScene& scene;
  const RecentSamples& samples;
  const Geometry& geometry;
  DifferencePolicy differing;
  double settle_s = 0;
  int group_gap_px = 0;  // What settles together this near is one change.
  bool alone = true;     // Nothing else differs: the current picture can be the next reference.
};

struct Told {
  std::vector<SelectedPair> pairs{};
  std::vector<OpenChange> opened{};  // Copies of the changes that were detected.
};

// Resolves the open changes that are undone, repeats those that a restart cut off (`claims`) under
// their ids, tells the rest as new or as going on, and takes it all into the reference.
Told Tell(std::vector<Settled> settled, const TellingContext& by, Profile& profile);

// Claims whose place is calm (`calm`: 8 bit, 255 where nothing differs) and has been so for
// `settle_s`: what was told before the restart was undone meanwhile.
std::vector<SelectedPair> TellGoneClaims(const Image& calm, double settle_s,
                                         const TellingContext& by, Profile& profile);

}  // namespace stillwatch::select
