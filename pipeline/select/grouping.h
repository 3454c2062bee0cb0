// Grouping: which settled candidates are one change.

#pragma once

#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/evidence.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// A candidate that has settled and is a change of the scene.
struct Settled {
  Candidate candidate;
  Evidence evidence;
  bool restores = false;  // It undoes an open change.
};

struct Group {
  ChangeKind kind = ChangeKind::kOther;
  bool restores = false;
  std::vector<Settled> parts;
};

// Things of one kind that settled within `step_s` and `gap_px` of each other are one change: two
// bottles taken with two hands.  A thing that left one place and appeared at another in the same
// time has moved, however far.
std::vector<Group> GroupSettled(std::vector<Settled> settled, int gap_px, double step_s,
                                const WorkingPicture& reference, const WorkingPicture& present);

}  // namespace stillwatch::select
