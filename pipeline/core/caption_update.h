// CaptionUpdate: what the model says of an event that is already in the store.

#pragma once

#include <optional>
#include <string>

#include "pipeline/core/event.h"

namespace stillwatch {

struct CaptionUpdate {
  std::string id{};  // The event's ULID.
  CaptionStatus status = CaptionStatus::kReady;
  std::string caption{};
  double confidence = 0;             // Calibrated probability that "changed" is right, 0..1.
  std::optional<ChangeKind> kind{};  // What the model says it is; empty: keep what the event has.
  ModelName model{};
  double caption_ms = 0;
};

}  // namespace stillwatch
