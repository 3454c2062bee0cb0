#include "plugins/zmqeventsink/event_outbox.h"

#include <utility>

#include <pthread.h>

namespace stillwatch::gst {

EventOutbox::EventOutbox(const OutboxPolicy& policy, Sender send, Reporter report, Decided decided)
    : policy_(policy),
      send_(std::move(send)),
      report_(std::move(report)),
      decided_(std::move(decided)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

EventOutbox::~EventOutbox() = default;

void EventOutbox::Push(OutgoingEvent event) {
  bool tell = false;
  {
    const std::lock_guard lock(mu_);
    ++stats_.pushed;
    if (waiting_.size() >= policy_.capacity) {
      waiting_.pop_front();
      ++stats_.dropped;
      tell = !std::exchange(reported_drop_, true);
    }
    waiting_.push_back(std::move(event));
  }
  changed_.notify_all();
  if (tell) {
    report_(Report::kDropped, "the queue of " + std::to_string(policy_.capacity) +
                                  " events is full; the oldest are dropped and counted");
  }
}

std::uint64_t EventOutbox::Drain(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mu_);
  changed_.wait_for(lock, timeout, [this] { return interrupted_ || Pending() == 0; });
  return Pending();
}

void EventOutbox::Interrupt() {
  {
    const std::lock_guard lock(mu_);
    interrupted_ = true;
  }
  changed_.notify_all();
}

void EventOutbox::Resume() {
  const std::lock_guard lock(mu_);
  interrupted_ = false;
}

EventOutbox::Stats EventOutbox::stats() const {
  const std::lock_guard lock(mu_);
  Stats stats = stats_;
  stats.pending = Pending();
  return stats;
}

void EventOutbox::Run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "zmqeventsink");
  while (true) {
    OutgoingEvent event;
    {
      std::unique_lock lock(mu_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      if (stop.stop_requested()) return;
      event = std::move(waiting_.front());
      waiting_.pop_front();
      sending_ = true;
    }
    if (!Deliver(event, stop)) return;
    {
      const std::lock_guard lock(mu_);
      sending_ = false;
    }
    changed_.notify_all();
  }
}

// Tries until the recorder has decided.  False: asked to stop before.
bool EventOutbox::Deliver(const OutgoingEvent& event, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Result<bus::Acknowledgement> answer = send_(event, stop);
    if (answer && answer->verdict != bus::Verdict::kRetry) {
      const bool taken = answer->verdict == bus::Verdict::kOk;
      bool over = false;
      {
        const std::lock_guard lock(mu_);
        ++(taken ? stats_.acknowledged : stats_.refused);
        over = std::exchange(outage_, false);
        reported_drop_ = false;
      }
      if (over) report_(Report::kReachable, "the recorder takes events again");
      if (!taken) {
        report_(Report::kRefused,
                "the recorder refused event " + event.event.id + ": " + answer->message);
      }
      decided_(event.event);
      return true;
    }
    bool begins = false;
    {
      const std::lock_guard lock(mu_);
      if (stop.stop_requested()) return false;
      ++stats_.failed_attempts;
      begins = !std::exchange(outage_, true);
    }
    if (begins) {
      report_(Report::kUnreachable, answer ? "the recorder cannot take events: " + answer->message
                                           : answer.error().message());
    }
    std::unique_lock lock(mu_);
    changed_.wait_for(lock, stop, policy_.retry_after, [] { return false; });
  }
  return false;
}

}  // namespace stillwatch::gst
