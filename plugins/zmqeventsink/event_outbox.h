// EventOutbox: keeps events until the recorder has acknowledged them.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "pipeline/bus/acknowledgement.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::gst {

struct OutgoingEvent {
  ChangeEvent event{};
  std::string reference_jpeg{};
  std::string current_jpeg{};
};

struct OutboxPolicy {
  std::size_t capacity = 64;  // Waiting events, each with two pictures of some 0.3 MB.  A guess.
  std::chrono::milliseconds retry_after{1000};  // Between attempts in an outage.  A guess.
};

// Sends events in their order, one at a time, on a thread of its own, and tries again for as long
// as it lives: the stream never waits for the recorder.
//
// Holds at most `capacity` events and the one that is being sent.  One more drops the oldest that
// waits, and counts it: of a long outage the latest state of the scene is worth most.
//
// Thread-safe.  `report` and `decided` are called from the outbox's thread (or from Push's, for
// kDropped), without a lock held, and before Drain() returns.
class EventOutbox {
 public:
  enum class Report : std::uint8_t {
    kUnreachable,  // Once per outage, with the reason.
    kReachable,    // The outage is over.
    kRefused,      // The recorder will never take this event; it is dropped.
    kDropped,      // The first of an outage that did not fit.
  };
  using Reporter = std::function<void(Report, const std::string& text)>;
  // The recorder has taken the event or refused it for good: nobody needs to keep it.
  using Decided = std::function<void(const ChangeEvent& event)>;
  using Sender =
      std::function<Result<bus::Acknowledgement>(const OutgoingEvent& event, std::stop_token stop)>;

  struct Stats {
    std::uint64_t pushed = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
    std::uint64_t dropped = 0;
    std::uint64_t failed_attempts = 0;
    std::uint64_t pending = 0;  // Neither of these yet.
  };

  // The outbox calls `send` from its own thread only, one call at a time.
  EventOutbox(
      const OutboxPolicy& policy, Sender send, Reporter report,
      Decided decided = [](const ChangeEvent&) {});
  ~EventOutbox();  // Gives up what is pending.

  void Push(OutgoingEvent event);

  // Waits until nothing is pending, for `timeout` at most, or until Interrupt().  Returns how many
  // events are still pending.
  std::uint64_t Drain(std::chrono::milliseconds timeout);

  // Ends a Drain() that is running, and those to come until Resume().
  void Interrupt();
  void Resume();

  Stats stats() const;

 private:
  void Run(const std::stop_token& stop);
  bool Deliver(const OutgoingEvent& event, const std::stop_token& stop);
  std::uint64_t Pending() const { return waiting_.size() + (sending_ ? 1 : 0); }

  const OutboxPolicy policy_;
  const Sender send_;
  const Reporter report_;
  const Decided decided_;

  mutable std::mutex mu_;
  std::condition_variable_any changed_;  // Any of what follows, all guarded by mu_.
  std::deque<OutgoingEvent> waiting_;
  bool sending_ = false;
  bool outage_ = false;
  bool interrupted_ = false;
  bool reported_drop_ = false;  // In this outage.
  Stats stats_;

  std::jthread thread_;  // "zmqeventsink".  Last: it joins before the rest goes.
};

}  // namespace stillwatch::gst
