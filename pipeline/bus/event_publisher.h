// EventPublisher: tells whoever listens what the store has committed.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

// "stillwatch.v1.<camera>": the first frame of what is published, the version in it.
std::string TopicOf(const std::string& camera);

struct PublisherOptions {
  std::string endpoint{};  // To bind: "ipc://...", "tcp://127.0.0.1:*".
  int high_water = 1000;   // Messages queued per slow subscriber; it loses what comes after.
};

// Publishes by ZeroMQ PUB.  A hint and no record: nobody waits for a subscriber, and one that was
// away sees by the numbers that it missed something and asks the store (EventStore::ReplaySince).
//
// Not thread-safe: belongs to the thread that publishes.
class EventPublisher {
 public:
  [[nodiscard]] static Result<EventPublisher> Bind(const PublisherOptions& options);
  EventPublisher(EventPublisher&&) noexcept;
  EventPublisher& operator=(EventPublisher&&) noexcept;
  ~EventPublisher();

  // Where it listens, wildcards resolved.
  const std::string& endpoint() const;

  // REQUIRES: event.seq is the store's and rises from call to call.
  Status Publish(const ChangeEvent& event);

 private:
  struct Impl;
  explicit EventPublisher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::bus
