// CameraWatch: trouble with the camera itself: moved, covered, out of focus, dark, bright, frozen.

#pragma once

#include <optional>
#include <string>

#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "pipeline/select/image.h"
#include "pipeline/select/registration.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

// How a picture differs from the reference as a whole.  Both in their own light.
struct ViewDifference {
  double lost = 0;        // Part of the reference's blocks with edges that show other edges, 0..1.
  double lost_edges = 1;  // In those: strength of the present's edges over the reference's.
  double sharpness = 1;   // Everywhere: the same, over the ratio of contrast.
  double layout = 1;      // Correlation of the two without any detail, -1..1.
  double level = 0, reference_level = 0;  // Brightness that a twentieth of the pixels exceed.
  double white = 0, reference_white = 0;  // Part of the pixels that are nearly white.
};
ViewDifference Compare(const WorkingPicture& reference, const WorkingPicture& present);

// One trouble at a time: it must hold, is told once, and is over when the picture has been right
// for two samples.  While there is any sign of one, no change of the scene is looked for.  Slow
// changes are none: the reference follows them.
//
// Keeps a picture and a frame.  Not thread-safe: belongs to its selector.
class CameraWatch {
 public:
  struct Sight {
    bool trouble = false;             // A sign of it, told or not: changes must wait.
    std::optional<EventType> tell{};  // kCamera...; kCameraRecovered ends `told`.
    ViewDifference difference{};
  };

  // `shift` is what Registrar found, `frame` the sample in full size.
  Sight Look(const WorkingPicture& reference, const WorkingPicture& present, const Shift& shift,
             FramePtr frame);

  // The trouble that was told and is not over.
  std::optional<EventType> told() const { return told_; }
  // As it was before a restart.
  void Restore(std::optional<EventType> told) { told_ = told; }
  // The reference is another one: nothing seen so far counts.
  void Forget();

 private:
  std::optional<EventType> SignOf(const ViewDifference& difference, const WorkingPicture& present,
                                  const Shift& shift);
  bool IsFrozen(const FramePtr& frame);

  std::optional<EventType> told_;
  std::optional<EventType> sign_;  // Of the latest samples.
  TimePoint since_{};              // When it began.
  int samples_ = 0;                // That have shown it.
  int right_ = 0;                  // Samples in a row without a sign.
  FramePtr last_;
  Image last_edges_;
  TimePoint repeats_since_{};  // When the latest picture came first.
  int fresh_ = 0;              // Samples in a row that did not repeat the one before, at most.
};

}  // namespace stillwatch::select
