// SettledScene: what each pixel has been showing, and for how long without a change.

#pragma once

#include <utility>

#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// A passer-by never grows old here and a thing that stays does, so what is old is the settled
// present.  Pixels that never come to rest (leaves, water, screens) are known by their
// restlessness.
//
// Memory: six planes, whatever the settle time.  Not thread-safe: belongs to its selector.
class SettledScene {
 public:
  void Start(const WorkingPicture& picture, double interval_s);
  // As it was before a restart.  REQUIRES: of the size of the picture that Start() was given.
  void RememberRestless(Image restless) { restless_ = std::move(restless); }

  // The next sample, in the light and the place of the reference.
  void Add(const WorkingPicture& picture, double elapsed_s, double oldest_s);

  // In the light of the reference: a light fitted to it is applied when the reference takes it on.
  WorkingPicture& value() { return value_; }
  const WorkingPicture& value() const { return value_; }
  const Image& age_s() const { return age_; }          // Float: seconds without a change.
  const Image& restless() const { return restless_; }  // Float, 0..1: how often it changes.
  double noise() const { return noise_; }              // Standard deviation, grey levels.
  double moving() const { return moving_; }            // Part of the picture that has just changed.

 private:
  WorkingPicture value_;  // Running mean since the last change.
  Image age_;
  Image restless_;
  double interval_s_ = 0;
  double noise_ = 1;
  double moving_ = 0;
};

}  // namespace stillwatch::select
