// Judge: whether a candidate is a change of the scene, something else, or not ready to be told.

#pragma once

#include "pipeline/core/event.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/evidence.h"
#include "pipeline/select/pair_selector.h"
#include "pipeline/select/places.h"
#include "pipeline/select/recent_samples.h"
#include "pipeline/select/reference.h"
#include "pipeline/select/settled_scene.h"

namespace stillwatch::select {

enum class Verdict { kWait, kSuppress, kReport };

struct Judgement {
  Verdict verdict = Verdict::kWait;
  SuppressionReason reason = SuppressionReason::kTooSmall;  // Of kSuppress.
  Evidence evidence{};                                      // Of kReport.
  double nudge_px = 0;  // Working pixels, where the thing only stands a little aside.
};

// What a candidate is judged by.  Borrows everything: for one call.
struct Circumstances {
  const PairPolicy& policy;
  const Reference& reference;
  const SettledScene& scene;
  const RecentSamples& samples;
  const Image& calm;      // 8 bit: 255 where nothing differs.
  double settle_s = 0;    // How long is still enough this time.
  double patience_s = 0;  // How long who has swayed must keep still.
  double transient = 0;   // Part of the picture, 0..1, that differs and moves.
  double border_px = 0;   // Rim that a moved camera has left; 0: none.
  bool series = false;    // Pictures minutes apart: nobody stands that long.
};

// The rules in their order; README.md lists them with their numbers.  `region` is the candidate's
// place in the current picture.
Judgement Judge(const Candidate& candidate, const Region& region, const Circumstances& by,
                LivingPlaces& living);

}  // namespace stillwatch::select
