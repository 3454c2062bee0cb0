// Wire: the messages between a camera process or captioner and the store, as frames of bytes.
// README.md has the layout.  Spoken between versions: never renumber.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/core/caption_update.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

inline constexpr std::size_t kMaxFrameBytes = std::size_t{16} << 20U;  // One picture.
inline constexpr std::size_t kMaxFrames = 5;                           // Of one message.

enum class MessageKind : std::uint8_t { kEvent = 1, kCaption = 2, kAcknowledgement = 3 };

struct EventMessage {
  ChangeEvent event{};
  std::string reference_jpeg{};  // Empty: there is none.
  std::string current_jpeg{};
};

std::string EncodeHeader(MessageKind kind);
// kDataLoss: not ours, or of another version; the message says which.
[[nodiscard]] Result<MessageKind> DecodeHeader(std::string_view frame);

std::string EncodeNumber(std::uint64_t number);  // 8 bytes, most significant first.
std::optional<std::uint64_t> DecodeNumber(std::string_view frame);

// What a camera or a captioner sent; takes the pictures out of `frames`.  kDataLoss names what is
// wrong.
using Request = std::variant<EventMessage, CaptionUpdate>;
[[nodiscard]] Result<Request> DecodeRequest(std::span<std::string> frames);

}  // namespace stillwatch::bus
