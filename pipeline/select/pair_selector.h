// PairSelector: finds the lasting changes in one camera's sampled frames.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  // What else the pictures depend on, privacy masks for one: a state saved under another view is
  // not taken.
  std::string view{};
  // An event counts as told when Acknowledge() says so, and SaveState() gives the scene as it was
  // before the first that does not.  False: told as soon as it is returned.
  bool await_acknowledgement = false;
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

// How the full-size reference pictures of a saved state are coded.
struct PictureCodec {
  std::function<Result<std::string>(const Frame& frame)> encode{};
  // Gets untrusted bytes.  Width, height and rgb are taken from what it gives.
  std::function<Result<Frame>(std::string_view bytes)> decode{};
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
// What is told survives a restart: SaveState() and Restore() carry references, open changes and
// ids. With `await_acknowledgement` a change that was told and not acknowledged is found again
// after a restart and told under the id it had; if it is gone by then, it is told as resolved.
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

  // This step of this event is where it can no longer be lost.  Unknown ones are ignored.
  virtual void Acknowledge(std::string_view event_id, EventType step) = 0;
  // The same for all its steps so far, and none to come is told: the model saw no change.
  virtual void Dismiss(std::string_view event_id) = 0;
  // How many steps wait for Acknowledge().
  virtual std::size_t unacknowledged() const = 0;

  // What a restart needs.  README.md describes the bytes: about 1 MB for each lighting profile.
  // Fails only if `codec` does.
  [[nodiscard]] virtual Result<std::string> SaveState(const PictureCodec& codec) const = 0;
  // Goes on where SaveState() was.  kDataLoss: damaged, of another version, camera or view; the
  // message says which, and the selector starts anew.  Takes untrusted bytes.
  virtual Status Restore(std::string_view state, const PictureCodec& codec) = 0;
  // The time of the latest sample; absent before the first.  After Restore() the one of the saved
  // state: frames up to there have been looked at.
  virtual std::optional<TimePoint> last_sample() const = 0;

  struct Stats {
    std::uint64_t pushed = 0;
    std::uint64_t ignored = 0;  // Late, repeated or malformed frames.
    std::uint64_t selected = 0;
    std::uint64_t suppressed[kSuppressionReasonCount] = {};
  };
  virtual const Stats& stats() const = 0;
};

}  // namespace stillwatch::select
