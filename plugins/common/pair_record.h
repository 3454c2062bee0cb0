// PairRecord and CaptionRecord: what pairselector and m3diff attach to frames.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/frame.h"
#include "plugins/common/record_meta.h"

namespace stillwatch::gst {

// One step in the life of one change, with both pictures.  Rides as SwPairMeta on the frame that
// completed it.  `current` need not be that frame: it is the settled scene.
struct PairRecord {
  static constexpr const char* kMeta = "SwPairMeta";
  static constexpr const char* kMetaApi = "SwPairMetaAPI";

  EventType step = EventType::kChangeDetected;
  std::string event_id{};  // ULID, the same in every step of one change.
  std::string camera{};
  FramePtr reference{};  // Never null, and so is `current`.
  FramePtr current{};
  std::vector<Region> regions{};
  ChangeKind kind = ChangeKind::kOther;
  Why why{};
  double select_ms = 0;  // Time that the selection took.
};

// What the model says of the pair with the same event id.  Rides as SwCaptionMeta beside it.
struct CaptionRecord {
  static constexpr const char* kMeta = "SwCaptionMeta";
  static constexpr const char* kMetaApi = "SwCaptionMetaAPI";

  std::string event_id{};
  std::string caption{};
  bool changed = false;
  double changed_probability = 0;  // Calibrated, 0..1.
  double confidence = 0;           // Calibrated probability that `changed` is right.
  ChangeKind kind = ChangeKind::kOther;
  ModelName model{};
  double caption_ms = 0;
};

using PairMeta = RecordMeta<PairRecord>;
using CaptionMeta = RecordMeta<CaptionRecord>;

}  // namespace stillwatch::gst
