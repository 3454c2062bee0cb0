// EventFlow: from a selected pair to an event that is captioned, stored and ready to be shown.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/config.h"
#include "model/runtime/captioner.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch::store {
class EventStore;
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

// One message per step of an event's life; all share its id.  The model is asked before the event
// is stored, since its verdict may dismiss the pair; if it fails, the event is stored without a
// caption.  (Cameras do it the other way round: event first, caption after.  A scan can be run
// again, a camera's minute cannot.)
//
// Not thread-safe: belongs to the command's thread.
class EventFlow {
 public:
  // `captioner` null: captions are off.  `store` null: nothing is kept.  Both are borrowed and
  // outlive the flow.
  EventFlow(FlowOptions options, model::Captioner* captioner, store::EventStore* store)
      : options_(std::move(options)), captioner_(captioner), store_(store) {}

  // The finished message; nothing if the model dismissed the pair: tell the selector.  Fails only
  // if the store does: a model failure gives the event with caption_status `failed`.
  [[nodiscard]] Result<std::optional<ChangeEvent>> Take(const select::SelectedPair& pair,
                                                        double select_ms);

  std::size_t dismissed() const { return dismissed_; }
  const std::vector<double>& caption_ms() const { return caption_ms_; }  // One per caption.

 private:
  ChangeEvent Begin(const select::SelectedPair& pair, double select_ms) const;
  Status Store(const select::SelectedPair& pair, ChangeEvent* event);
  // False: the model sees no change.
  bool Caption(const select::SelectedPair& pair, ChangeEvent* event);

  const FlowOptions options_;
  model::Captioner* const captioner_;
  store::EventStore* const store_;
  std::unordered_map<std::string, ChangeEvent> open_;  // What a `resolved` repeats.
  std::size_t dismissed_ = 0;
  std::vector<double> caption_ms_;
};

// Zones that the regions touch (at least a tenth of one of them) and the highest of their
// severities; medium outside every zone.
void AssignZones(const std::vector<config::ZoneConfig>& zones, ChangeEvent* event);

}  // namespace stillwatch::app
