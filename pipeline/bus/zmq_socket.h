// ZmqSocket: one ZeroMQ socket whose failures are Statuses.  For this folder.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::bus {

enum class SocketRole : std::uint8_t { kDealer, kRouter, kPublisher, kSubscriber };

struct SocketOptions {
  SocketRole role = SocketRole::kDealer;  // Router and publisher bind, the others connect.
  std::string endpoint{};                 // "ipc:///run/stillwatch/store", "tcp://127.0.0.1:*".
  int high_water = 64;                    // Messages queued per peer; memory is bounded by it.
  std::size_t max_frame_bytes = 0;        // A longer one ends the peer's connection.
};

// Not thread-safe: belongs to the thread that uses it (it may be made on another one before).
class ZmqSocket {
 public:
  // kInvalidArgument: no endpoint of ZeroMQ's.  kUnavailable: address in use, no permission.
  [[nodiscard]] static Result<ZmqSocket> Open(const SocketOptions& options);
  ZmqSocket(ZmqSocket&&) noexcept;
  ZmqSocket& operator=(ZmqSocket&&) noexcept;
  ~ZmqSocket();

  // Where it is bound, wildcards resolved; as given where it connects.
  const std::string& endpoint() const;

  // True as soon as a message can be read (written), false after `timeout` or on a signal.
  [[nodiscard]] Result<bool> WaitReadable(std::chrono::milliseconds timeout);
  [[nodiscard]] Result<bool> WaitWritable(std::chrono::milliseconds timeout);

  // A whole message, or nothing if none is there.  Of one with more than `keep` frames the first
  // keep + 1 are returned.
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> Receive(std::size_t keep);

  // False if it would block.  kUnavailable: a router has lost that peer.
  [[nodiscard]] Result<bool> Send(std::span<const std::string_view> frames);

  // Subscribers: take messages whose first frame begins so.
  Status Subscribe(const std::string& prefix);

 private:
  struct Impl;
  explicit ZmqSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::bus
