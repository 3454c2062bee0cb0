#include "pipeline/bus/event_receiver.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/bus/zmq_socket.h"

namespace stillwatch::bus {

struct EventReceiver::Impl {
  ZmqSocket socket;
  Stats stats{};

  Status Answer(const ReplyTo& reply_to, const Acknowledgement& acknowledgement);
  // Nothing: there is no message, or it was malformed (`malformed` says so).
  Result<std::optional<ReceivedRequest>> ReceiveOne(bool* malformed);
};

Status EventReceiver::Impl::Answer(const ReplyTo& reply_to,
                                   const Acknowledgement& acknowledgement) {
  const std::string header = EncodeHeader(MessageKind::kAcknowledgement);
  const std::string number = EncodeNumber(reply_to.request);
  const std::string json = EncodeAcknowledgement(acknowledgement);
  const std::array<std::string_view, 4> frames = {reply_to.peer, header, number, json};
  const Result<bool> sent = socket.Send(frames);
  ++(sent && *sent ? stats.acknowledged : stats.undeliverable);
  if (!sent && sent.error().code() != StatusCode::kUnavailable) return sent.error();
  return {};
}

Result<std::optional<ReceivedRequest>> EventReceiver::Impl::ReceiveOne(bool* malformed) {
  *malformed = false;
  Result<std::optional<std::vector<std::string>>> frames = socket.Receive(1 + kMaxFrames);
  if (!frames) return Failure(frames.error());
  if (!*frames) return std::optional<ReceivedRequest>();
  std::vector<std::string>& all = **frames;
  const std::span<std::string> parts = std::span(all).subspan(1);  // The router put one in front.
  Result<Request> request = DecodeRequest(parts);
  const std::optional<std::uint64_t> number =
      parts.size() > 1 ? DecodeNumber(parts[1]) : std::nullopt;
  if (!request || !number) {
    *malformed = true;
    ++stats.malformed;
    if (number) {
      const Status answered =
          Answer({.peer = all[0], .request = *number},
                 {.verdict = Verdict::kRefused, .message = request.error().message()});
      if (!answered.ok()) return Failure(answered);
    }
    return std::optional<ReceivedRequest>();
  }
  ++stats.received;
  return ReceivedRequest{.reply_to = {.peer = std::move(all[0]), .request = *number},
                         .request = *std::move(request)};
}

EventReceiver::EventReceiver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventReceiver::EventReceiver(EventReceiver&&) noexcept = default;
EventReceiver& EventReceiver::operator=(EventReceiver&&) noexcept = default;
EventReceiver::~EventReceiver() = default;

const std::string& EventReceiver::endpoint() const { return impl_->socket.endpoint(); }
const EventReceiver::Stats& EventReceiver::stats() const { return impl_->stats; }

Result<EventReceiver> EventReceiver::Bind(const ReceiverOptions& options) {
  Result<ZmqSocket> socket = ZmqSocket::Open({.role = SocketRole::kRouter,
                                              .endpoint = options.endpoint,
                                              .high_water = options.high_water,
                                              .max_frame_bytes = kMaxFrameBytes});
  if (!socket) return Failure(socket.error());
  return EventReceiver(std::make_unique<Impl>(Impl{.socket = *std::move(socket)}));
}

Result<std::optional<ReceivedRequest>> EventReceiver::Receive(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    bool malformed = false;
    Result<std::optional<ReceivedRequest>> received = impl_->ReceiveOne(&malformed);
    if (!received || *received) return received;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::optional<ReceivedRequest>();
    if (malformed) continue;  // The next one may be there already.
    const Result<bool> ready = impl_->socket.WaitReadable(left);
    if (!ready) return Failure(ready.error());
    if (!*ready) return std::optional<ReceivedRequest>();
  }
}

Status EventReceiver::Acknowledge(const ReplyTo& reply_to, const Acknowledgement& acknowledgement) {
  return impl_->Answer(reply_to, acknowledgement);
}

}  // namespace stillwatch::bus
