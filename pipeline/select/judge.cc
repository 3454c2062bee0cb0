#include "pipeline/select/judge.h"

#include <algorithm>
#include <cmath>

namespace stillwatch::select {
namespace {

Judgement Suppressed(SuppressionReason reason) { return {Verdict::kSuppress, reason, {}, 0}; }

bool TouchesRim(const Box& box, int width, int height, double border_px) {
  const int rim = static_cast<int>(std::ceil(border_px)) + 1;
  return box.x <= rim || box.y <= rim || box.x + box.w >= width - rim ||
         box.y + box.h >= height - rim;
}

}  // namespace

Judgement Judge(const Candidate& candidate, const Region& region, const Circumstances& by,
                LivingPlaces& living) {
  const WorkingPicture& reference = by.reference.picture();
  const int width = reference.y.width(), height = reference.y.height();
  const double pixels = static_cast<double>(width) * height;
  const auto share = [&](double of_long_side) {
    return std::max(1, static_cast<int>(std::lround(of_long_side * std::max(width, height))));
  };

  // Nine tenths: what touches something that moves is not finished.
  if (candidate.settled < 0.9) return {};
  if (candidate.area < by.policy.min_area * pixels) {
    // It may be a part of something that settles later.
    if (candidate.age_s < 3 * by.settle_s) return {};
    return Suppressed(SuppressionReason::kTooSmall);
  }
  if (std::any_of(by.policy.ignore.begin(), by.policy.ignore.end(),
                  [&](const Polygon& polygon) { return Coverage(polygon, region) > 0.5; })) {
    return Suppressed(SuppressionReason::kMasked);
  }
  // Small, and cut by the rim that a moved camera leaves: half of an edge proves nothing.  Tuned on
  // car-detection, whose camera drifts and turns a little.
  if (by.border_px > 0 && candidate.area < 0.005 * pixels &&
      TouchesRim(candidate.box, width, height, by.border_px)) {
    return Suppressed(SuppressionReason::kViewpoint);
  }
  // Beside a place that has not been seen settled since the start it is part of what stands there,
  // or of what that hid: it becomes reference as that will.  A tenth of its surroundings; a guess.
  if (by.reference.UnknownAround(candidate, share(0.02)) > 0.1) {
    return Suppressed(SuppressionReason::kTransient);
  }
  // The faintest of what can be seen at all: slow drifts of colour and of dark corners.  Tuned on
  // one-by-one-person-detection, whose white balance follows its visitors.
  constexpr double kFaint = 0.95;
  if (candidate.score < kFaint) return Suppressed(SuppressionReason::kTooSmall);

  const double noise = by.scene.noise();
  const Evidence evidence = EvidenceOf(reference, by.scene.value(), candidate, noise, share(0.015));
  // Brightness alone must be a little clearer: overexposed parts follow no gain.  Tuned on
  // bottle-detection, whose white table reaches 1.06.
  constexpr double kFaintGrey = 1.15;
  if (candidate.score < kFaintGrey && evidence.colour < 4) {
    return Suppressed(SuppressionReason::kIllumination);
  }
  if (IsLight(evidence, noise)) return Suppressed(SuppressionReason::kIllumination);
  // Shadows, reflections and exposure come with what moves, and mostly go with it.
  constexpr double kPatience = 3.5;  // Settle times; SettledScene counts up to four.
  if (!by.series && (LooksLikeShadow(evidence) || candidate.score < 1.5) && by.transient > 0.005 &&
      candidate.age_s < kPatience * by.settle_s) {
    return {};
  }
  if (IsNudge(evidence)) {
    return {Verdict::kSuppress, SuppressionReason::kTooSmall, evidence, evidence.nudge_px};
  }
  if (by.series) return {Verdict::kReport, SuppressionReason::kTooSmall, evidence, 0};
  const double sway = by.samples.SwayOf(candidate, by.settle_s, noise, by.calm);
  if (living.Lives(candidate, sway, by.samples.newest()->captured_at, by.patience_s)) return {};
  return {Verdict::kReport, SuppressionReason::kTooSmall, evidence, 0};
}

}  // namespace stillwatch::select
