// Evidence: what the pixels of one candidate say about it: light or a thing, come or gone.

#pragma once

#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

struct Evidence {
  double contrast = 0;   // Mean absolute brightness difference inside, grey levels.
  double colour = 0;     // Mean colour difference inside, grey levels.
  double sharpness = 0;  // Gradient of the difference on the outline, over the contrast; per pixel.
  double structure = 0;  // 0: every edge inside is in both pictures; 1: none is.
  double texture = 0;    // Mean gradient inside, grey levels per pixel.
  double outline_reference = 0;  // Mean gradient along the outline in the reference...
  double outline_present = 0;    // ...and in the present.
  double blend_reference = 0;    // Colour distance from inside to just outside, reference...
  double blend_present = 0;      // ...and present.
  double within_reach = 0;       // Part of it, 0..1, that both pictures have within two pixels.
  double nudge_px = 0;           // Shift that best maps the reference onto the present here.
  double nudge_left = 1;         // Part of the difference that the shift leaves, 0..1.
};

Evidence EvidenceOf(const WorkingPicture& reference, const WorkingPicture& present,
                    const Candidate& candidate, double noise, int nudge_px);

// Only a shadow, a highlight or a change of lamps.
bool IsLight(const Evidence& evidence, double noise);

// May be the shadow or the reflection of something: the colour is as it was.
bool LooksLikeShadow(const Evidence& evidence);

// The same thing, a few pixels further.
bool IsNudge(const Evidence& evidence);

// Clearly a thing that is there no longer: a stricter KindOf() == kRemoved.
bool IsGone(const Evidence& evidence);

ChangeKind KindOf(const Evidence& evidence);

}  // namespace stillwatch::select
