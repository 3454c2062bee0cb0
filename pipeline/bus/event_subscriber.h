// EventSubscriber: listens to an EventPublisher and notices what it missed.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

struct SubscriberOptions {
  std::string endpoint{};
  std::vector<std::string> cameras{};  // Empty: all.
  int high_water = 1000;
};

struct PublishedEvent {
  ChangeEvent event{};
  std::string json{};  // As received.
  // True if something of this camera was published, or may have been, between the message before
  // and this one: replay from `last_seen`.
  bool gap = false;
  std::uint64_t last_seen = 0;  // Seq of the camera's message before; 0 if this is the first.
};

// Not thread-safe: belongs to the thread that receives.
class EventSubscriber {
 public:
  [[nodiscard]] static Result<EventSubscriber> Connect(const SubscriberOptions& options);
  EventSubscriber(EventSubscriber&&) noexcept;
  EventSubscriber& operator=(EventSubscriber&&) noexcept;
  ~EventSubscriber();

  // The next event; nothing if there is none within `timeout`.  Malformed messages are counted
  // and passed over.
  [[nodiscard]] Result<std::optional<PublishedEvent>> Receive(std::chrono::milliseconds timeout);

  std::uint64_t malformed() const;

 private:
  struct Impl;
  explicit EventSubscriber(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::bus
