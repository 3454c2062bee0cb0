// WorkingPicture: a frame made small and split into brightness and colour, which is what the
// selector compares.

#pragma once

#include "pipeline/core/frame.h"
#include "pipeline/select/image.h"

namespace stillwatch::select {

struct WorkingSize {
  int width = 0, height = 0;  // Pixels.
  friend bool operator==(const WorkingSize&, const WorkingSize&) = default;
};

// Three float planes of one size, in grey levels (0..255 and differences of such).
struct WorkingPicture {
  Image y;   // Brightness.
  Image cr;  // Red minus brightness.
  Image cb;  // Blue minus brightness.
};

// The longer side becomes 384 pixels at most: enough that 0.05 % of a picture is still 40 pixels,
// and few enough that a comparison costs a small part of decoding.  A guess that held up on all
// clips named in README.md.
WorkingSize WorkingSizeOf(int width, int height);

// False for a frame of no size, of a size that nothing can be compared at (below 16 or beyond 32768
// pixels a side), or whose bytes do not fit its size.
bool IsComparable(const Frame& frame);

// REQUIRES: IsComparable(frame).
WorkingPicture MakeWorkingPicture(const Frame& frame, WorkingSize size);

}  // namespace stillwatch::select
