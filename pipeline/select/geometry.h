// Geometry: from working pixels, in which candidates are found, to what is told of them.

#pragma once

#include "pipeline/core/event.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/registration.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// Of one sample.  Working pixels are those of the reference; what is told speaks of the picture.
struct Geometry {
  int width = 0;           // Of the frames.
  WorkingSize size;        // Of the working pictures.
  Shift shift;             // Of the sample against the reference.
  double light_delta = 0;  // As Light::delta.

  double Pixels() const { return static_cast<double>(size.width) * size.height; }
  // That part of the longer side, in working pixels; at least one.
  int Share(double of_long_side) const;
  Region RegionOf(const Box& box) const;
  // `area` in working pixels, `score` as Candidate::score.
  Why WhyOf(double area, double age_s, double score) const;
};

}  // namespace stillwatch::select
