// RecentSamples: the frames of the last settle time, to choose pictures from and to see who sways.

#pragma once

#include <deque>

#include "pipeline/core/frame.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/image.h"

namespace stillwatch::select {

// Holds at most eight full-size frames, however long the settle time.  Not thread-safe: belongs to
// its selector.
class RecentSamples {
 public:
  // Of the samples to come.
  void SetTimes(double interval_s, double settle_s) {
    interval_s_ = interval_s;
    settle_s_ = settle_s;
  }

  // `y` is the brightness in the light and the place of the reference; `moving` the part of the
  // picture that had just changed.
  void Add(FramePtr frame, Image y, double moving);
  void Clear() { samples_.clear(); }

  bool empty() const { return samples_.empty(); }
  const FramePtr& newest() const { return samples_.back().frame; }
  const FramePtr& oldest() const { return samples_.front().frame; }

  // The frame with the least movement of those in which a candidate of this age was already there.
  FramePtr Calmest(double age_s) const;

  // How far the edges of the candidate wandered during `settle_s`, in working pixels: the largest
  // over the samples, each against the newest, less what the edges of `calm` (8 bit: 255 where
  // nothing differs) did meanwhile.
  double SwayOf(const Candidate& candidate, double settle_s, double noise, const Image& calm) const;

 private:
  struct Sample {
    FramePtr frame;
    Image y;
    double moving = 0;
  };

  double AgeOf(const Sample& sample) const;

  double interval_s_ = 0, settle_s_ = 0;
  std::deque<Sample> samples_;  // Oldest first.
};

}  // namespace stillwatch::select
