#include "pipeline/bus/event_publisher.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "pipeline/bus/event_json.h"
#include "pipeline/bus/wire.h"
#include "pipeline/bus/zmq_socket.h"

namespace stillwatch::bus {

std::string TopicOf(const std::string& camera) { return "stillwatch.v1." + camera; }

struct EventPublisher::Impl {
  ZmqSocket socket;
  std::map<std::string, std::uint64_t> last{};  // Topic: seq published last.  Cameras are few.
};

EventPublisher::EventPublisher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventPublisher::EventPublisher(EventPublisher&&) noexcept = default;
EventPublisher& EventPublisher::operator=(EventPublisher&&) noexcept = default;
EventPublisher::~EventPublisher() = default;

const std::string& EventPublisher::endpoint() const { return impl_->socket.endpoint(); }

Result<EventPublisher> EventPublisher::Bind(const PublisherOptions& options) {
  Result<ZmqSocket> socket = ZmqSocket::Open({.role = SocketRole::kPublisher,
                                              .endpoint = options.endpoint,
                                              .high_water = options.high_water,
                                              .max_frame_bytes = kMaxEventBytes});
  if (!socket) return Failure(socket.error());
  return EventPublisher(std::make_unique<Impl>(Impl{.socket = *std::move(socket)}));
}

Status EventPublisher::Publish(const ChangeEvent& event) {
  const std::string topic = TopicOf(event.camera);
  std::uint64_t& last = impl_->last[topic];
  const std::string seq = EncodeNumber(event.seq);
  const std::string previous = EncodeNumber(last);
  const std::string json = EncodeEvent(event);
  last = event.seq;
  const std::array<std::string_view, 4> frames = {topic, seq, previous, json};
  const Result<bool> sent = impl_->socket.Send(frames);
  return sent ? Status() : sent.error();
}

}  // namespace stillwatch::bus
