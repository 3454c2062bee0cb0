#include "config/keys.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cmath>

#include "config/text.h"
#include "pipeline/core/time.h"

namespace stillwatch::config {
namespace {

using enum ValueKind;

constexpr double kMaxPathBytes = 4096;  // PATH_MAX of Linux.

constexpr std::array<std::string_view, 1> kModelNames = {"nano"};
constexpr std::array<std::string_view, 3> kSeverities = {"low", "medium", "high"};

constexpr std::array kStoreKeys = {
    Key{.name = "path",
        .help = "The event store: database and pictures.  Relative to this file.",
        .wanted = "a path",
        .required = true,
        .default_text = "/var/lib/stillwatch",
        .max = kMaxPathBytes},
};

constexpr std::array kModelKeys = {
    Key{.name = "name",
        .kind = kChoice,
        .help = "A model that comes with Stillwatch.  Either this or checkpoint.",
        .default_text = "nano",
        .choices = kModelNames},
    Key{.name = "checkpoint",
        .help = "Folder with config.json, model.safetensors and tokenizer.json.  Relative to this "
                "file.  Either this or name.",
        .wanted = "a folder",
        .max = kMaxPathBytes},
    // Beyond 512 tokens no caption is a sentence.  A guess.
    Key{.name = "max_tokens",
        .kind = kInteger,
        .help = "Longest caption, in tokens.  Default: what the model says.",
        .min = 1,
        .max = 512},
};

// The ranges are guesses: below 100 ms cameras repeat frames, above an hour nothing is live, a
// change of nearly half the picture is another scene (the selector refuses 0.5).
constexpr std::array kSelectionKeys = {
    Key{.name = "interval",
        .kind = kDuration,
        .help = "Time between the frames that are looked at.",
        .default_text = "2s",
        .min = 0.1,
        .max = 3600},
    Key{.name = "settle",
        .kind = kDuration,
        .help = "How long a change must stay still before it is reported; at least interval.",
        .default_text = "8s",
        .min = 0.1,
        .max = 86400},
    Key{.name = "min_area",
        .kind = kNumber,
        .help = "Smallest change that is reported, as a fraction of the picture.",
        .default_text = "0.0005",
        .min = 0.00001,
        .max = 0.4},
    Key{.name = "sensitivity",
        .kind = kInteger,
        .help = "1 reports only plain changes, 100 also faint ones.",
        .default_text = "50",
        .min = 1,
        .max = 100},
};

constexpr Key kCoordinatesKey{
    .name = "coordinates",
    .kind = kCoordinates,
    .help =
        "Outline as x,y, x,y, ...: fractions 0..1 of the picture, origin top left, at least "
        "three points.",
    .required = true};

constexpr std::array kZoneKeys = {
    Key{.name = "friendly_name",
        .help = "Name for people.  Default: the zone's name.",
        .wanted = "text",
        .max = 100},
    kCoordinatesKey,
    Key{.name = "severity",
        .kind = kChoice,
        .help = "Severity of the events in this zone.",
        .default_text = "medium",
        .choices = kSeverities},
};

constexpr std::array kMaskKeys = {kCoordinatesKey};

constexpr std::array kCameraKeys = {
    Key{.name = "source",
        .help = "Video file (relative to this file) or address (rtsp, rtsps, http, https, file).  "
                "{NAME} stands for an environment variable; passwords are given only so.",
        .wanted = "a video file or an address such as rtsp://{USER}:{PASSWORD}@host/stream",
        .required = true,
        .max = kMaxPathBytes},
    Key{.name = "selection",
        .kind = kSection,
        .help = "What differs for this camera from the selection at the top.",
        .keys = kSelectionKeys},
    Key{.name = "zones",
        .kind = kNamed,
        .help = "Parts of the picture with a name and a severity.",
        .keys = kZoneKeys},
    Key{.name = "ignore_masks",
        .kind = kNamed,
        .help = "Parts of the picture whose changes are not reported.",
        .keys = kMaskKeys},
    Key{.name = "privacy_masks",
        .kind = kNamed,
        .help = "Parts of the picture that are blackened right after decoding.",
        .keys = kMaskKeys},
};

constexpr std::array kRootKeys = {
    Key{.name = "store",
        .kind = kSection,
        .help = "Where events and pictures are kept.",
        .keys = kStoreKeys},
    Key{.name = "model",
        .kind = kSection,
        .help = "What writes the captions.  Default: nano.",
        .keys = kModelKeys,
        .exactly_one_of_two = true},
    Key{.name = "selection",
        .kind = kSection,
        .help = "Which changes count; defaults of every camera.",
        .keys = kSelectionKeys},
    Key{.name = "cameras",
        .kind = kNamed,
        .help = "The cameras by name.",
        .required = true,
        .min = 1,
        .keys = kCameraKeys},
};

std::string Seconds(double seconds) {
  return FormatDuration(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

}  // namespace

std::span<const Key> RootKeys() { return kRootKeys; }

const Key& KeyNamed(std::span<const Key> keys, std::string_view name) {
  const auto key =
      std::find_if(keys.begin(), keys.end(), [name](const Key& k) { return k.name == name; });
  assert(key != keys.end());
  return *key;
}

std::string Wanted(const Key& key) {
  switch (key.kind) {
    case kText:
      return std::string(key.wanted);
    case kDuration:
      return "a duration from " + Seconds(key.min) + " to " + Seconds(key.max) + ", such as " +
             std::string(key.default_text);
    case kNumber:
      return "a number from " + FormatNumber(key.min) + " to " + FormatNumber(key.max);
    case kInteger:
      return "a whole number from " + FormatNumber(key.min) + " to " + FormatNumber(key.max);
    case kChoice:
      return Join(key.choices);
    case kCoordinates:
      return "a list [x,y, x,y, ...] of fractions 0..1 with at least 3 points";
    case kSection:
      return "a map of keys and values";
    case kNamed:
      return "a map of names, each with its keys";
  }
  return {};
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace stillwatch::config
