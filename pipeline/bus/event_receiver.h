// EventReceiver: the store's end of the channel.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/bus/acknowledgement.h"
#include "pipeline/bus/wire.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

struct ReceiverOptions {
  std::string endpoint{};  // To bind: "ipc://...", "tcp://127.0.0.1:*".
  int high_water = 64;     // Messages queued per peer, with two pictures of some 0.3 MB each.
};

// Where an acknowledgement goes.
struct ReplyTo {
  std::string peer{};  // ZeroMQ's routing id.
  std::uint64_t request = 0;
};

struct ReceivedRequest {
  ReplyTo reply_to{};
  Request request{};
};

// Receives events and captions of any number of peers, and answers them.
//
// Peers are not trusted: a message that is no request is counted and, if it can be, answered as
// refused; it never reaches the caller.  The channel has no encryption: bind ipc:// or loopback.
//
// Not thread-safe: belongs to the thread that receives.
class EventReceiver {
 public:
  struct Stats {
    std::uint64_t received = 0;       // Well-formed requests.
    std::uint64_t malformed = 0;      // Counted, refused where a request number could be read.
    std::uint64_t acknowledged = 0;   // Answers sent.
    std::uint64_t undeliverable = 0;  // Answers whose peer is gone: it will ask again.
  };

  [[nodiscard]] static Result<EventReceiver> Bind(const ReceiverOptions& options);
  EventReceiver(EventReceiver&&) noexcept;
  EventReceiver& operator=(EventReceiver&&) noexcept;
  ~EventReceiver();

  // Where it listens, wildcards resolved.
  const std::string& endpoint() const;

  // The next request; nothing if there is none within `timeout` (0: look and return).
  [[nodiscard]] Result<std::optional<ReceivedRequest>> Receive(std::chrono::milliseconds timeout);

  // Answers.  Call it for kOk only after the commit.  A peer that is gone is counted, no error.
  Status Acknowledge(const ReplyTo& reply_to, const Acknowledgement& acknowledgement);

  const Stats& stats() const;

 private:
  struct Impl;
  explicit EventReceiver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::bus
