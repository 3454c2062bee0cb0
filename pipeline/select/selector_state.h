// SelectorState: what a selector takes over a restart, and its bytes.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/core/status.h"
#include "pipeline/core/time.h"
#include "pipeline/select/pair_selector.h"
#include "pipeline/select/profiles.h"
#include "pipeline/select/working_picture.h"

namespace stillwatch::select {

struct SelectorState {
  int width = 0, height = 0;  // Of the frames; 0: none seen yet.
  WorkingSize size;
  std::optional<TimePoint> last{};  // Of the latest sample.
  Profiles profiles;
  Image restless;  // As SettledScene::restless.
  // Trouble with the camera, kChange... where there is none: told and not over; told and not
  // acknowledged, before a restart.
  struct Trouble {
    EventType type = EventType::kChangeDetected;
    std::string id{};
  };
  Trouble trouble{}, claimed_trouble{};
};

// Whose state it is: a state is of no use to another camera, or behind another privacy mask.
struct StateOwner {
  std::string_view camera{};
  std::string_view view{};  // As PairPolicy::view.
};

// README.md describes the bytes.  Fails only if `codec` does.
[[nodiscard]] Result<std::string> EncodeState(const SelectorState& state, const StateOwner& owner,
                                              const PictureCodec& codec);

// Reads untrusted bytes.  kDataLoss: damaged, of another version, or of another owner; the message
// says which.
[[nodiscard]] Result<SelectorState> DecodeState(std::string_view bytes, const StateOwner& owner,
                                                const PictureCodec& codec);

}  // namespace stillwatch::select
