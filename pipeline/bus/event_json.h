// Event JSON: a ChangeEvent as CloudEvents 1.0 structured JSON, and back.  Product contract.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pipeline/core/caption_update.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::bus {

// Of one event on the wire.  EncodeEvent stays below it by the limits beneath.
inline constexpr std::size_t kMaxEventBytes = 64 * 1024;
inline constexpr std::size_t kMaxNameBytes = 128;      // Camera, zone, model name.
inline constexpr std::size_t kMaxSourceBytes = 256;    // Source, model fingerprint.
inline constexpr std::size_t kMaxCaptionBytes = 2048;  // A caption is one sentence.
inline constexpr std::size_t kMaxZones = 32;
inline constexpr std::size_t kMaxRegions = 256;

// The source of an event that no store has taken yet (`source` is empty then): CloudEvents wants
// one, and the store puts its own in its place.
inline constexpr std::string_view kLocalSource = "urn:stillwatch:local";

// The JSON of product.md, on one line.  What lies outside the limits above is cut to them, what is
// not UTF-8 is replaced, what is not finite becomes 0: what this writes, DecodeEvent reads, if `id`
// is a ULID, `camera` is not empty and times lie in the years 1700 to 2200.  Fractions have 4
// decimals, times milliseconds.
std::string EncodeEvent(const ChangeEvent& event);

// Reads untrusted bytes.  Unknown fields are ignored, because v1 may gain some.  kDataLoss names
// the field that is missing or wrong.
[[nodiscard]] Result<ChangeEvent> DecodeEvent(std::string_view json);

// The body of a caption message (README.md).  The same rules.
std::string EncodeCaption(const CaptionUpdate& update);
[[nodiscard]] Result<CaptionUpdate> DecodeCaption(std::string_view json);

}  // namespace stillwatch::bus
