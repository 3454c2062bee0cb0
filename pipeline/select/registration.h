// Registrar: finds by how much a camera has moved since the reference.

#pragma once

#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// Half the working size, without its low frequencies: light falls off, edges stay.
Image EdgesOf(const WorkingPicture& picture);

struct Shift {
  double x = 0, y = 0;   // Working pixels: content of the reference at p is now at p + shift.
  bool certain = false;  // The pictures fit better with the shift than without.
  double Length() const;
};

// Keeps what it has worked out about the reference between calls.  Not thread-safe.
class Registrar {
 public:
  void SetReference(const WorkingPicture& reference);
  // Zero where no shift explains the picture better than none.
  Shift Find(const WorkingPicture& picture) const;
  // Correlation of the edges of the two pictures where they lie, -1..1.  Light leaves it high,
  // another view does not.
  double Likeness(const WorkingPicture& picture) const;

 private:
  Image small_, window_;
};

// Takes the shift out.  Pixels that come from outside the picture repeat its border.
void RemoveShift(const Shift& shift, WorkingPicture& picture);

}  // namespace stillwatch::select
