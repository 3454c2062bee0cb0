#include "pipeline/select/places.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace stillwatch::select {

bool LivingPlaces::Lives(const Candidate& candidate, double sway_px, TimePoint now,
                         double patience_s) {
  const Box& box = candidate.box;
  // People sway by a third of a pixel and more while they stand (one-by-one-person-detection: 0.35
  // to 0.9 when they arrive, now and then only 0.2); what has been put down does not
  // (bottle-detection: 0.02 to 0.19 just after the hand is gone).
  constexpr double kStill = 0.2;
  // Whoever has only just gone may still have swayed here (video4: 0.37), so the last unsettled
  // twentieth makes the verdict milder.
  const double living = candidate.settled >= 0.95 ? 0.25 : 0.4;
  std::erase_if(places_, [&](const Place& place) {
    return std::chrono::duration<double>(now - place.last).count() > patience_s;
  });
  auto here = std::find_if(places_.begin(), places_.end(),
                           [&](const Place& place) { return Iou(place.box, box) > 0.4; });
  if (sway_px > living) {
    constexpr std::size_t kMost = 64;
    if (here == places_.end()) {
      if (places_.size() >= kMost) places_.erase(places_.begin());
      here = places_.insert(places_.end(), Place{});
    }
    *here = {box, now};
    return true;
  }
  return sway_px > kStill || here != places_.end();
}

std::vector<PassingPlaces::Gone> PassingPlaces::Follow(const std::vector<Box>& waiting,
                                                       double elapsed_s) {
  for (Place& place : places_) ++place.missed;
  for (const Box& box : waiting) {
    // It moves: the nearest place that it may have come from, touching or overlapping.
    Place* from = nullptr;
    for (Place& place : places_) {
      if (place.missed == 0 || Gap(place.box, box) > 0) continue;
      if (from == nullptr || Iou(place.box, box) > Iou(from->box, box)) from = &place;
    }
    if (from == nullptr) {
      places_.push_back({box, box, elapsed_s, 0});
      continue;
    }
    from->box = box;
    from->around = Union(from->around, box);
    from->present_s += elapsed_s;
    from->missed = 0;
  }
  std::vector<Gone> gone;
  std::erase_if(places_, [&](const Place& place) {
    // Two samples: what is hidden for a moment has not gone.
    if (place.missed < 2) return false;
    gone.push_back({place.around, place.present_s});
    return true;
  });
  return gone;
}

void PassingPlaces::Forget(const Box& box) {
  std::erase_if(places_, [&](const Place& place) { return Gap(place.box, box) == 0; });
}

}  // namespace stillwatch::select
