// Places that the selector remembers for a while: where something living stands, and where
// something is passing.

#pragma once

#include <optional>
#include <vector>

#include "pipeline/core/time.h"
#include "pipeline/select/candidates.h"

namespace stillwatch::select {

// Who has swayed must keep still for longer than a thing to be taken for one.  Bounded: places are
// forgotten in time, and beyond 64 the oldest first.  Not thread-safe: belongs to its selector.
class LivingPlaces {
 public:
  // Tells whether what stands here lives: `sway_px` as RecentSamples measures it.
  bool Lives(const Box& box, double sway_px, TimePoint now, double patience_s);
  void Clear() { places_.clear(); }

 private:
  struct Place {
    Box box;
    TimePoint last{};  // When it was last seen to sway.
  };
  std::vector<Place> places_;
};

// Follows what differs without ever becoming an event, so that it is counted once, when it goes.
// Bounded like the candidates it is fed with.  Not thread-safe: belongs to its selector.
class PassingPlaces {
 public:
  struct Gone {
    Box box;               // Around all places it was seen at.
    double present_s = 0;  // How long it was there.
  };

  // Feeds the candidates of one sample that were neither reported nor suppressed; returns what was
  // there before and is there no longer.
  std::vector<Gone> Follow(const std::vector<Box>& waiting, double elapsed_s);
  // The candidate here has been reported or suppressed: it has not passed.
  void Forget(const Box& box);
  void Clear() { places_.clear(); }

 private:
  struct Place {
    Box box;     // Last seen.
    Box around;  // All places seen.
    double present_s = 0;
    int missed = 0;  // Samples in a row without it.
  };
  std::vector<Place> places_;
};

}  // namespace stillwatch::select
