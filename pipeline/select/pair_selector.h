// PairSelector: finds the lasting changes in one camera's sampled frames.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "pipeline/core/polygon.h"
#include "pipeline/core/status.h"

namespace stillwatch::select {

struct PairPolicy {
  std::chrono::milliseconds interval{2000};  // Between sampled frames; the caller samples.
  std::chrono::milliseconds settle{8000};    // How long a change must be still to count.
  double min_area = 0.0005;                  // Smallest change, fraction of the picture.
  int sensitivity = 50;                      // 1..100.
  std::vector<Polygon> ignore{};             // Changes mostly inside one are suppressed as masked.
};

// OK, or kInvalidArgument with the field that cannot work and what is wanted.
Status CheckPolicy(const PairPolicy& policy);

// A pair worth an event: the reference, the current picture, and where they differ.
struct SelectedPair {
  EventType step = EventType::kChangeDetected;
  std::string event_id{};  // ULID; the same in every step of one change.
  FramePtr reference{};    // The settled scene before, full size.
  FramePtr current{};      // The settled scene after, full size.
  std::vector<Region> regions{};
  ChangeKind kind =
      ChangeKind::kOther;  // What the pixels alone suggest; the model may know better.
  Why why{};
};

// A candidate that was looked at and not reported.
struct SuppressedPair {
  SuppressionReason reason = SuppressionReason::kTransient;
  Moment at{};
  std::vector<Region> regions{};
  Why why{};
};

struct Selection {
  std::vector<SelectedPair> selected{};
  std::vector<SuppressedPair> suppressed{};
};

// Compares the settled present with a reference of the settled past.  See README.md of this folder
// for the method.
//
// A change is told once: as kChangeDetected when it has settled, as kChangeUpdated if it goes on
// within a settle time, as kChangeResolved when the scene is back as it was, and as kChangeAccepted
// if more than 64 are open and it is the oldest.  Ids derive from camera, time and place: the same
// frames give the same ids.
//
// Memory is bounded by the policy-independent numbers of README.md: about ten full-size frames and
// 10 MB.  Frames are told apart and put in order by `captured_at` alone.
//
// Reads no clock and does no I/O.  Not thread-safe: one selector belongs to one camera and to the
// thread that pushes its frames.
class PairSelector {
 public:
  // Fails with kInvalidArgument if the policy cannot work; the message names the field.
  [[nodiscard]] static Result<std::unique_ptr<PairSelector>> Create(const PairPolicy& policy,
                                                                    std::string camera);
  virtual ~PairSelector() = default;

  // Takes the camera's next sampled frame.  A frame older than the one before it, of no size, or
  // whose bytes do not fit its size is ignored and counted.  A change of size starts a new
  // reference.
  [[nodiscard]] virtual Selection Push(FramePtr frame) = 0;

  // The stream has ended: changes that are still but have not been so for the whole settle time
  // are given what they have.
  [[nodiscard]] virtual Selection Finish() = 0;

  // Forgets scene, reference and open changes.
  virtual void Reset() = 0;

  struct Stats {
    std::uint64_t pushed = 0;
    std::uint64_t ignored = 0;  // Late, repeated or malformed frames.
    std::uint64_t selected = 0;
    std::uint64_t suppressed[kSuppressionReasonCount] = {};
  };
  virtual const Stats& stats() const = 0;
};

}  // namespace stillwatch::select
