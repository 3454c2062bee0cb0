// Reference: the settled past that the present is compared with, small and in full size.

#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/light.h"
#include "pipeline/select/registration.h"
#include "pipeline/select/settled_scene.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// Moves on place by place: only what was reported, or looked at and passed over, is taken from the
// present.  Places that have not been seen settled yet are unknown and never differ.
//
// Not thread-safe: belongs to its selector.
class Reference {
 public:
  void Start(const WorkingPicture& picture);

  // As a saved state has it; `known` as known(), `learning_s` as learning_s().
  void Restore(WorkingPicture picture, Image known, FramePtr frame, double learning_s);
  double learning_s() const { return learning_s_; }  // Since Start.

  const WorkingPicture& picture() const { return picture_; }
  const Image& known() const { return known_; }  // 8 bit: 255 where it was seen settled.
  double KnownPart() const;                      // 0..1.

  // See Registrar.
  Shift FindShift(const WorkingPicture& picture) const { return registrar_.Find(picture); }
  double Likeness(const WorkingPicture& picture) const { return registrar_.Likeness(picture); }

  // Unknown places become reference without a word once they have settled together with their
  // surroundings (`reach_px` at first, a third of it later): the middle of a person who stands is
  // still, the outline is not. In a series of pictures minutes apart nobody stands, and all that is
  // settled is learnt. Returns what was learnt (8 bit, 255), if anything was.
  std::optional<Image> Learn(const SettledScene& scene, double settle_s, double elapsed_s,
                             int reach_px, bool series);

  // Part of the candidate's surroundings, within `reach_px`, that is unknown, 0..1.
  double UnknownAround(const Candidate& candidate, int reach_px) const;

  // Takes a candidate's place from the present, with a rim: its edges stayed below the threshold.
  void Take(const Candidate& candidate, const WorkingPicture& present, int rim_px);

  // Lets what agrees (score below the lower threshold, settled) drift along with slow light.
  void Adapt(const SettledScene& scene, const Image& score, double settle_s, float rate);

  // Moves the whole reference into a new light.
  void Relight(const Light& light) { ApplyLight(light, picture_); }

  // After a run of Take, Adapt or Relight: the registrar looks at the picture anew.
  void Registered() { registrar_.SetReference(picture_); }

  // The full-size picture; null until one was set.
  const FramePtr& frame() const { return frame_; }
  void SetFrame(FramePtr frame) { frame_ = std::move(frame); }

  // Copies the places of `mask` (8 bit, working size) from `current` into a new full-size picture:
  // for what was learnt late, and for changes that followed each other too closely for a clean
  // picture between them.  The moment becomes that of `current` if `renew`.
  void Compose(const Image& mask, const Frame& current, bool renew);

 private:
  WorkingPicture picture_;
  Image known_;
  Registrar registrar_;
  FramePtr frame_;
  double learning_s_ = 0;
};

}  // namespace stillwatch::select
