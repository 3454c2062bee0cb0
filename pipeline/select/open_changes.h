// OpenChanges: the changes that have been reported and not yet undone.

#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/difference.h"
#include "pipeline/select/light.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

struct Settled;  // grouping.h

// One place of an open change.
struct OpenPart {
  Candidate candidate;
  Box room;               // The box with a margin.
  WorkingPicture before;  // What `room` showed before the change, in the light of the reference.
  bool restored = false;
};

struct OpenChange {
  std::string id;
  ChangeKind kind = ChangeKind::kOther;
  TimePoint since{};
  FramePtr before{};       // Kept while the change is young, for `updated`; then let go.
  bool dismissed = false;  // The model saw no change: followed, and never spoken of.
  std::vector<OpenPart> parts;
};

// Bounded: beyond 64 the oldest is let go and becomes the new normal.  Not thread-safe: belongs to
// its selector.
class OpenChanges {
 public:
  static constexpr std::size_t kMost = 64;

  // Returns the change that had to make room, if any.
  std::optional<OpenChange> Add(OpenChange change);

  // Marks the parts at the place of `candidate`: restored if they look as they did before the
  // change, `reach_px` aside at most.
  void Mark(const Candidate& candidate, const WorkingPicture& present,
            const DifferencePolicy& policy, int reach_px);

  // Takes out the changes whose every part is restored.
  std::vector<OpenChange> TakeRestored();

  // Takes out the changes of whose every part these candidates cover at least half.
  std::vector<OpenChange> TakeCovered(const std::vector<Settled>& settled);

  // Takes out the changes whose every part is calm and settled (8 bit, 255, working size).
  std::vector<OpenChange> TakeCalm(const Image& calm, const Image& settled);

  // The youngest change that has a part at this place; nullptr if none.
  OpenChange* At(const Box& box);
  OpenChange* WithId(std::string_view id);  // nullptr if none.

  // Lets go of the full-size pictures of changes older than that.
  void LetFramesGo(TimePoint before);
  // Moves what is kept into a new light; the pictures are `width` x `height` working pixels.
  void Relight(const Light& light, int width, int height);
  void Clear() { changes_.clear(); }
  std::size_t size() const { return changes_.size(); }
  const std::deque<OpenChange>& all() const { return changes_; }  // Oldest first.

 private:
  std::vector<OpenChange> TakeIfEvery(const std::function<bool(const OpenPart&)>& holds);

  std::deque<OpenChange> changes_;  // Oldest first.
};

// Part of the candidate's mask, 0..1, that the masks of these changes cover.
double Covered(const Candidate& candidate, const std::vector<OpenChange>& changes);

// Cuts out what an OpenPart keeps.
OpenPart MakeOpenPart(const Candidate& candidate, const WorkingPicture& reference, int reach_px);

}  // namespace stillwatch::select
