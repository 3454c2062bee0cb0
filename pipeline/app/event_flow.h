// EventFlow: from a selected pair to an event that is captioned, stored and ready to be shown.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "model/runtime/captioner.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch::recorder {
class Recorder;
}

namespace stillwatch::app {

// What the flow needs to know of its camera.
struct FlowOptions {
  std::string camera{};
  std::vector<config::ZoneConfig> zones{};
  // A pair whose changed_probability is below this is dismissed (model_says_same).  README.md of
  // model/weights/nano has the measurement.  0: nothing is dismissed.
  double dismiss_below = 0;
};

// Event first, caption after: the event is stored as pending, then captioned, then updated.  One
// message per step of an event's life; all share its id.
//
// Not thread-safe: belongs to the command's thread.
class EventFlow {
 public:
  // `captioner` null: captions are off.  `recorder` null: nothing is kept.  Both are borrowed and
  // outlive the flow.
  EventFlow(FlowOptions options, model::Captioner* captioner, recorder::Recorder* recorder)
      : options_(std::move(options)), captioner_(captioner), recorder_(recorder) {}

  // The finished message; nothing if the model dismissed the pair.  Fails only if the store does:
  // a model failure gives the event with caption_status `failed`.
  [[nodiscard]] Result<std::optional<ChangeEvent>> Take(const select::SelectedPair& pair,
                                                        double select_ms);

  std::uint64_t dismissed() const { return dismissed_; }
  const std::vector<double>& caption_ms() const { return caption_ms_; }  // One per caption.

 private:
  ChangeEvent Begin(const select::SelectedPair& pair, double select_ms) const;
  std::optional<model::CaptionResult> Caption(const select::SelectedPair& pair, ChangeEvent* event);

  const FlowOptions options_;
  model::Captioner* const captioner_;
  recorder::Recorder* const recorder_;
  std::unordered_map<std::string, ChangeEvent> open_;  // What a `resolved` repeats.
  std::unordered_map<std::string, bool> dismissed_ids_;
  std::uint64_t dismissed_ = 0;
  std::vector<double> caption_ms_;
};

// Zones that the regions touch (at least a tenth of one of them) and the highest of their
// severities; medium outside every zone.
void AssignZones(const std::vector<config::ZoneConfig>& zones, ChangeEvent* event);

}  // namespace stillwatch::app
