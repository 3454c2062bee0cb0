// ScoreCamera: holds camera events (moved, obstructed ...) against what happened to the camera.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/score/truth.h"

namespace stillwatch::score {

// What became of one listed camera event.
struct CameraEventScore {
  TruthCameraEvent listed{};
  std::optional<std::size_t> message{};  // Place of the one that found it in the scored list.
  double delay_s = 0;                    // From its onset to the message.
  std::string instead{};                 // Missed, but a message of this type came in its time.
  int duplicates = 0;                    // Further messages of its types in its time.
};

struct CameraReport {
  int total = 0;
  int found = 0;
  int wrong_type = 0;  // Missed, and something else was said in its time.
  int duplicates = 0;
  int false_alarms = 0;       // Messages in the time of no listed event.
  int changes_meanwhile = 0;  // Change events (detected) while the camera was in trouble.
  std::vector<CameraEventScore> events{};
  std::vector<std::size_t> alarms{};  // Places of the false ones in the scored list.
};

// A message as far as this rule looks at it.
struct CameraMessage {
  std::string type{};     // "moved" ...; empty: not a camera event.
  bool change = false;    // A change.detected.
  std::int64_t told = 0;  // The frame at which it was given out.
};

CameraMessage CameraMessageOf(const ChangeEvent& event, std::int64_t told);

// The rule.  A message camera.<type> finds a listed event of that type (or of one in its `also`) if
// it was told between the start of its span and 30 s after its onset (`moved`: after the end of its
// span).  Any other camera message from the start of a span to 30 s after its end belongs to that
// trouble: one of a right type is a duplicate or too late, one of another type is counted as
// wrong type if the event is missed.  `recovered` is never judged.  Every other message is a false
// alarm.  A series of pictures gets three pictures where they take longer than 30 s.
//
// Pure.
CameraReport ScoreCamera(const Truth& truth, const std::vector<CameraMessage>& messages,
                         double fps);

}  // namespace stillwatch::score
