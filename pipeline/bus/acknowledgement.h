// Acknowledgement: the store's answer to one message.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch::bus {

// What the sender is to do.  On the wire by name: never rename.
enum class Verdict : std::uint8_t {
  kOk,       // Committed: forget it, move the reference on.
  kRefused,  // Never going to be taken as it is: drop it and count it.
  kRetry,    // Not now (disk full, database locked): keep it and send it again later.
};
std::string_view Name(Verdict verdict);

struct Acknowledgement {
  std::string id{};       // Of the event; empty where the message was too broken to name one.
  std::uint64_t seq = 0;  // Given by the store; 0 unless kOk.
  Verdict verdict = Verdict::kRetry;
  std::string message{};  // For people: why it was not taken.
};

std::string EncodeAcknowledgement(const Acknowledgement& acknowledgement);
// kDataLoss names the field that is missing or wrong.
[[nodiscard]] Result<Acknowledgement> DecodeAcknowledgement(std::string_view json);

}  // namespace stillwatch::bus
