// Recorder: takes events from the bus into the store, then tells the world.

#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/bus/event_publisher.h"
#include "pipeline/bus/event_receiver.h"
#include "pipeline/core/status.h"
#include "storage/store/event_store.h"

namespace stillwatch {

struct RecorderOptions {
  std::filesystem::path store{};
  store::OpenMode mode = store::OpenMode::kCreate;  // kCreate or kWrite.
  std::optional<bus::ReceiverOptions> listen{};     // None: Record() is the only way in.
  std::optional<bus::PublisherOptions> publish{};   // None: nobody is told.
  int batch = 32;  // Messages of one commit at most.  Bounds memory: 32 x 2 pictures.  A guess.
  // Called from the thread of Run and Record when the store begins to fail (with the reason) and
  // when it works again (with OK).
  std::function<void(const Status&)> on_health{};
};

// The only writer of a store.  For each message: commit, then acknowledge, then publish.  What was
// acknowledged is on disk; what was not is sent again by its owner and recognised.
//
// While the store fails (disk full, database gone or locked) it answers "retry" and looks again
// with every message, opening the store anew if need be; it never makes one then.
//
// Run and Record belong to one thread, which may be another than Create's.  stats() is thread-safe.
class Recorder {
 public:
  struct Stats {
    std::uint64_t received = 0;    // Well-formed messages, Record's included.
    std::uint64_t committed = 0;   // New in the store.
    std::uint64_t duplicates = 0;  // Known before; acknowledged all the same.
    std::uint64_t refused = 0;     // Never to be stored; malformed ones included.
    std::uint64_t retried = 0;     // Not stored now: "retry".
    std::uint64_t published = 0;
  };

  // Codes as EventStore::Open, EventReceiver::Bind and EventPublisher::Bind.
  [[nodiscard]] static Result<std::unique_ptr<Recorder>> Create(const RecorderOptions& options);

  // Takes one event without the bus, as `stillwatch scan` does.  Codes as EventStore::Append.
  [[nodiscard]] Result<store::Appended> Record(const ChangeEvent& event,
                                               std::string_view reference_jpeg,
                                               std::string_view current_jpeg);
  [[nodiscard]] Result<store::Appended> Record(const CaptionUpdate& update);

  // Serves the bus until stopped (OK then) or until a socket fails.  REQUIRES: options.listen.
  Status Run(std::stop_token stop);

  Stats stats() const;
  // Where it listens and publishes, wildcards resolved; empty where it does not.
  std::string listen_endpoint() const;
  std::string publish_endpoint() const;
  // For queries of the thread that records.
  const store::EventStore& event_store() const { return store_; }

 private:
  Recorder(RecorderOptions options, store::EventStore store);
  Status Serve(bus::EventReceiver* receiver);
  std::vector<Result<store::Appended>> Commit(std::span<const store::Delivery> deliveries);
  void Publish(const store::Appended& appended);
  void NoteHealth(const Status& status);

  const RecorderOptions options_;
  // Owned by the recording thread.
  store::EventStore store_;
  std::optional<bus::EventReceiver> receiver_{};
  std::optional<bus::EventPublisher> publisher_{};
  Status health_{};
  // Written by the recording thread, read by any.
  std::atomic<std::uint64_t> received_{0}, committed_{0}, duplicates_{0}, refused_{0}, retried_{0},
      published_{0};
};

}  // namespace stillwatch
