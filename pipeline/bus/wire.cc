#include "pipeline/bus/wire.h"

#include <utility>

#include "pipeline/bus/event_json.h"

namespace stillwatch::bus {
namespace {

constexpr std::string_view kMagic = "SW";
constexpr unsigned char kVersion = 1;

}  // namespace

std::string EncodeHeader(MessageKind kind) {
  std::string header(kMagic);
  header.push_back(static_cast<char>(kVersion));
  header.push_back(static_cast<char>(kind));
  return header;
}

Result<MessageKind> DecodeHeader(std::string_view frame) {
  if (frame.size() != 4 || !frame.starts_with(kMagic)) {
    return DataLoss("the first frame is not Stillwatch's");
  }
  if (static_cast<unsigned char>(frame[2]) != kVersion) {
    return DataLoss("the message has version " +
                    std::to_string(static_cast<unsigned char>(frame[2])) +
                    ", this end speaks 1; update the older one");
  }
  switch (const auto kind = static_cast<MessageKind>(frame[3])) {
    case MessageKind::kEvent:
    case MessageKind::kCaption:
    case MessageKind::kAcknowledgement:
      return kind;
  }
  return DataLoss("the message is of unknown kind " + std::to_string(frame[3]));
}

std::string EncodeNumber(std::uint64_t number) {
  std::string frame;
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    frame.push_back(static_cast<char>(number >> (shift - 8) & 0xFFU));
  }
  return frame;
}

std::optional<std::uint64_t> DecodeNumber(std::string_view frame) {
  if (frame.size() != 8) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : frame) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

Result<Request> DecodeRequest(std::span<std::string> frames) {
  if (frames.size() < 3) return DataLoss("the message has fewer than 3 frames");
  const Result<MessageKind> kind = DecodeHeader(frames[0]);
  if (!kind) return Failure(kind.error());
  if (!DecodeNumber(frames[1])) return DataLoss("the request number does not have 8 bytes");
  const std::size_t wanted = *kind == MessageKind::kEvent ? 5 : 3;
  if (frames.size() != wanted) {
    return DataLoss("the message has " + std::to_string(frames.size()) + " frames and not " +
                    std::to_string(wanted));
  }
  if (*kind == MessageKind::kEvent) {
    Result<ChangeEvent> event = DecodeEvent(frames[2]);
    if (!event) return Failure(event.error());
    return EventMessage{.event = *std::move(event),
                        .reference_jpeg = std::move(frames[3]),
                        .current_jpeg = std::move(frames[4])};
  }
  if (*kind == MessageKind::kCaption) {
    Result<CaptionUpdate> update = DecodeCaption(frames[2]);
    if (!update) return Failure(update.error());
    return *std::move(update);
  }
  return DataLoss("an acknowledgement where an event was expected");
}

}  // namespace stillwatch::bus
