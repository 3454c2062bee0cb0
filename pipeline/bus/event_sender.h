// EventSender: the camera's and the captioner's end of the channel to the store.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "pipeline/bus/acknowledgement.h"
#include "pipeline/core/caption_update.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

struct SenderOptions {
  std::string endpoint{};                   // Of the store's EventReceiver.
  std::chrono::milliseconds timeout{5000};  // For one message and its acknowledgement.  A guess.
};

// Sends one message at a time and waits until the store has it.
//
// An error means that it is not known whether the message was committed: send the same again, as
// often as it takes.  Ids are stable and the store knows what it has, so nothing is doubled.
//
// Holds at most one message.  Not thread-safe: belongs to the thread that sends.
class EventSender {
 public:
  // Connects in the background: OK does not mean that somebody is there.
  [[nodiscard]] static Result<EventSender> Connect(const SenderOptions& options);
  EventSender(EventSender&&) noexcept;
  EventSender& operator=(EventSender&&) noexcept;
  ~EventSender();

  // Either picture may be empty.  kUnavailable: nobody there, or no answer within the timeout.
  // kCancelled: `stop` was requested.  A store that answers "refused" or "retry" is no error here.
  [[nodiscard]] Result<Acknowledgement> Send(const ChangeEvent& event,
                                             std::string_view reference_jpeg,
                                             std::string_view current_jpeg,
                                             std::stop_token stop = {});
  [[nodiscard]] Result<Acknowledgement> Send(const CaptionUpdate& update,
                                             std::stop_token stop = {});

 private:
  struct Impl;
  explicit EventSender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::bus
