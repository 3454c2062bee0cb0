#include "pipeline/bus/event_subscriber.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pipeline/bus/event_json.h"
#include "pipeline/bus/event_publisher.h"
#include "pipeline/bus/wire.h"
#include "pipeline/bus/zmq_socket.h"

namespace stillwatch::bus {
namespace {

// A publisher that invents cameras must not fill our memory.
constexpr std::size_t kMaxCameras = 10'000;

}  // namespace

struct EventSubscriber::Impl {
  SubscriberOptions options{};
  ZmqSocket socket;
  std::map<std::string, std::uint64_t> last{};  // Camera: seq seen last.
  std::uint64_t malformed = 0;

  std::optional<PublishedEvent> Accept(std::vector<std::string> frames);
};

std::optional<PublishedEvent> EventSubscriber::Impl::Accept(std::vector<std::string> frames) {
  const auto seq = frames.size() == 4 ? DecodeNumber(frames[1]) : std::nullopt;
  const auto previous = frames.size() == 4 ? DecodeNumber(frames[2]) : std::nullopt;
  if (!seq || !previous) {
    ++malformed;
    return std::nullopt;
  }
  Result<ChangeEvent> event = DecodeEvent(frames[3]);
  if (!event || event->seq != *seq || frames[0] != TopicOf(event->camera) ||
      (last.size() >= kMaxCameras && !last.contains(event->camera))) {
    ++malformed;
    return std::nullopt;
  }
  // ZeroMQ filters by prefix: "door" lets "door2" pass.
  if (!options.cameras.empty() && std::find(options.cameras.begin(), options.cameras.end(),
                                            event->camera) == options.cameras.end()) {
    return std::nullopt;
  }
  std::uint64_t& seen = last[event->camera];
  PublishedEvent published{.event = *std::move(event),
                           .json = std::move(frames[3]),
                           .gap = seen != 0 && *previous != seen,
                           .last_seen = seen};
  seen = std::max(seen, *seq);
  return published;
}

EventSubscriber::EventSubscriber(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventSubscriber::EventSubscriber(EventSubscriber&&) noexcept = default;
EventSubscriber& EventSubscriber::operator=(EventSubscriber&&) noexcept = default;
EventSubscriber::~EventSubscriber() = default;

std::uint64_t EventSubscriber::malformed() const { return impl_->malformed; }

Result<EventSubscriber> EventSubscriber::Connect(const SubscriberOptions& options) {
  Result<ZmqSocket> socket = ZmqSocket::Open({.role = SocketRole::kSubscriber,
                                              .endpoint = options.endpoint,
                                              .high_water = options.high_water,
                                              .max_frame_bytes = kMaxEventBytes});
  if (!socket) return Failure(socket.error());
  std::vector<std::string> topics;
  for (const std::string& camera : options.cameras) topics.push_back(TopicOf(camera));
  if (topics.empty()) topics.push_back(TopicOf(""));
  for (const std::string& topic : topics) {
    if (Status subscribed = socket->Subscribe(topic); !subscribed.ok()) return Failure(subscribed);
  }
  return EventSubscriber(
      std::make_unique<Impl>(Impl{.options = options, .socket = *std::move(socket)}));
}

Result<std::optional<PublishedEvent>> EventSubscriber::Receive(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    Result<std::optional<std::vector<std::string>>> frames = impl_->socket.Receive(4);
    if (!frames) return Failure(frames.error());
    if (*frames) {
      std::optional<PublishedEvent> event = impl_->Accept(**std::move(frames));
      if (event) return event;
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::optional<PublishedEvent>();
    if (*frames) continue;  // The next one may be there already.
    const Result<bool> ready = impl_->socket.WaitReadable(left);
    if (!ready) return Failure(ready.error());
    if (!*ready) return std::optional<PublishedEvent>();
  }
}

}  // namespace stillwatch::bus
