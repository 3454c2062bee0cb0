#include "pipeline/bus/event_sender.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "pipeline/bus/event_json.h"
#include "pipeline/bus/wire.h"
#include "pipeline/bus/zmq_socket.h"

namespace stillwatch::bus {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long a stop request may go unseen.
constexpr milliseconds kSlice{100};

SocketOptions SocketFor(const SenderOptions& options) {
  return {.role = SocketRole::kDealer,
          .endpoint = options.endpoint,
          .high_water = 4,
          .max_frame_bytes = kMaxEventBytes};  // Of what comes back.
}

milliseconds Slice(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
  return std::clamp(left, milliseconds(0), kSlice);
}

}  // namespace

struct EventSender::Impl {
  SenderOptions options{};
  ZmqSocket socket;
  std::uint64_t request = 0;  // Of the last message; answers to earlier ones are late.

  Result<Acknowledgement> Exchange(std::span<const std::string_view> frames,
                                   const std::stop_token& stop);
  Status SendBy(Clock::time_point deadline, std::span<const std::string_view> frames,
                const std::stop_token& stop);
  Result<std::optional<Acknowledgement>> ReceiveOne();
};

Status EventSender::Impl::SendBy(Clock::time_point deadline,
                                 std::span<const std::string_view> frames,
                                 const std::stop_token& stop) {
  do {
    if (stop.stop_requested()) return Cancelled("stopped while sending");
    const Result<bool> ready = socket.WaitWritable(Slice(deadline));
    if (!ready) return ready.error();
    const Result<bool> sent = *ready ? socket.Send(frames) : Result<bool>(false);
    if (!sent) return sent.error();
    if (*sent) return {};
  } while (Clock::now() < deadline);
  return Unavailable("nobody takes events at " + options.endpoint +
                     "; is the store (stillwatch record) running?");
}

// An answer to the present request, or nothing.
Result<std::optional<Acknowledgement>> EventSender::Impl::ReceiveOne() {
  const Result<std::optional<std::vector<std::string>>> frames = socket.Receive(3);
  if (!frames) return Failure(frames.error());
  if (!*frames || (*frames)->size() != 3) return std::optional<Acknowledgement>();
  const std::vector<std::string>& parts = **frames;
  const Result<MessageKind> kind = DecodeHeader(parts[0]);
  if (!kind || *kind != MessageKind::kAcknowledgement || DecodeNumber(parts[1]) != request) {
    return std::optional<Acknowledgement>();  // Late, or not for us.
  }
  Result<Acknowledgement> answer = DecodeAcknowledgement(parts[2]);
  if (!answer) return Failure(answer.error());
  return std::optional<Acknowledgement>(*std::move(answer));
}

Result<Acknowledgement> EventSender::Impl::Exchange(std::span<const std::string_view> frames,
                                                    const std::stop_token& stop) {
  const Clock::time_point deadline = Clock::now() + options.timeout;
  if (Status sent = SendBy(deadline, frames, stop); !sent.ok()) return Failure(sent);
  do {
    if (stop.stop_requested()) return Cancelled("stopped while waiting for an acknowledgement");
    const Result<bool> ready = socket.WaitReadable(Slice(deadline));
    if (!ready) return Failure(ready.error());
    if (!*ready) continue;
    Result<std::optional<Acknowledgement>> answer = ReceiveOne();
    if (!answer) return Failure(answer.error());
    if (*answer) return **std::move(answer);
  } while (Clock::now() < deadline);
  // A new socket: the old one may still hold a copy, and the next message is not to queue behind.
  Result<ZmqSocket> fresh = ZmqSocket::Open(SocketFor(options));
  if (!fresh) return Failure(fresh.error());
  socket = *std::move(fresh);
  return Unavailable("no acknowledgement from " + options.endpoint + " within " +
                     FormatDuration(options.timeout));
}

EventSender::EventSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventSender::EventSender(EventSender&&) noexcept = default;
EventSender& EventSender::operator=(EventSender&&) noexcept = default;
EventSender::~EventSender() = default;

Result<EventSender> EventSender::Connect(const SenderOptions& options) {
  Result<ZmqSocket> socket = ZmqSocket::Open(SocketFor(options));
  if (!socket) return Failure(socket.error());
  return EventSender(
      std::make_unique<Impl>(Impl{.options = options, .socket = *std::move(socket)}));
}

Result<Acknowledgement> EventSender::Send(const ChangeEvent& event, std::string_view reference_jpeg,
                                          std::string_view current_jpeg, std::stop_token stop) {
  if (reference_jpeg.size() > kMaxFrameBytes || current_jpeg.size() > kMaxFrameBytes) {
    return InvalidArgument("event " + event.id + ": a picture is longer than 16 MiB");
  }
  const std::string header = EncodeHeader(MessageKind::kEvent);
  const std::string number = EncodeNumber(++impl_->request);
  const std::string json = EncodeEvent(event);
  const std::array<std::string_view, 5> frames = {header, number, json, reference_jpeg,
                                                  current_jpeg};
  return impl_->Exchange(frames, stop);
}

Result<Acknowledgement> EventSender::Send(const CaptionUpdate& update, std::stop_token stop) {
  const std::string header = EncodeHeader(MessageKind::kCaption);
  const std::string number = EncodeNumber(++impl_->request);
  const std::string json = EncodeCaption(update);
  const std::array<std::string_view, 3> frames = {header, number, json};
  return impl_->Exchange(frames, stop);
}

}  // namespace stillwatch::bus
