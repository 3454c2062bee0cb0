// PairStream: PairSelector as an element needs it: times for frames, records out of selections.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/core/frame.h"
#include "pipeline/core/status.h"
#include "pipeline/select/pair_selector.h"
#include "pipeline/state/state_keeper.h"
#include "plugins/common/acknowledgement_event.h"
#include "plugins/common/pair_record.h"

namespace stillwatch::gst {

struct PairStreamSettings {
  std::string camera = "camera";
  std::string start_time{};  // RFC 3339; empty: the wall clock when the first frame comes.
  std::string state_file{};  // Empty: the scene is forgotten at the end.
  bool await_ack = true;  // With a state file: an event counts as told once Acknowledge() says so.
  select::PairPolicy policy{};
};

// Dates frames by one origin: capture time = origin + running time.  So times in a file are
// reproducible, and the steps of a wall clock that is set do not reach the selector.
//
// Keeps the latest frame, and what the selector keeps.  Not thread-safe: streaming thread only.
class PairStream {
 public:
  using Records = std::vector<PairMeta::Ptr>;

  // kInvalidArgument: the message names the property.  kUnavailable, kResourceExhausted: the state
  // file cannot be used.
  [[nodiscard]] static Result<PairStream> Create(const PairStreamSettings& settings);

  // Takes the next frame; what it gives is on disk when it returns.  A frame from before the saved
  // state ends is passed over if `start-time` says when the frames were taken.  `now` is the wall
  // clock, read by the caller; only the first one counts.
  Records Push(std::shared_ptr<Frame> frame, std::chrono::nanoseconds running_time, TimePoint now);

  // The stream has ended: what is still undecided.
  Records Finish();

  // Forgets the scene and the origin.
  void Reset();

  // These steps are stored: the saved state moves on.
  void Acknowledge(const std::vector<AcknowledgedStep>& steps);
  std::size_t unacknowledged() const { return selector_->unacknowledged(); }

  // What the element should warn of since the last call; empty: nothing.
  std::string TakeWarning() { return std::exchange(warning_, {}); }

  const select::PairSelector::Stats& stats() const { return selector_->stats(); }
  const FramePtr& latest() const { return latest_; }

 private:
  PairStream() = default;
  void Keep(const Status& saved);
  Records RecordsOf(select::Selection selection, std::chrono::steady_clock::time_point since) const;

  std::string camera_;
  std::optional<TimePoint> given_origin_;
  std::unique_ptr<select::PairSelector> selector_;
  std::optional<state::StateKeeper> keeper_;  // Borrows the selector.
  bool saving_fails_ = false;                 // Warned of.
  std::string warning_;
  std::optional<TimePoint> origin_;
  FramePtr latest_;
};

}  // namespace stillwatch::gst
