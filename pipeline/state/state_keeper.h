// StateKeeper: keeps a selector's state in a file, so that a restart goes on where it was.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pipeline/core/status.h"
#include "pipeline/core/time.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch::state {

// Order of events, for whoever shows them to the world:
//
//   Push -> Save() if anything was selected -> hand it on -> Acknowledge -> Save()
//
// The first Save writes the ids down before anybody sees them, the second moves the reference on.
// In between SaveIfDue() follows slow changes: once a minute of capture time.
//
// Borrows the selector.  Not thread-safe: belongs to the selector's thread.
class StateKeeper {
 public:
  // Restores the selector from `path` if there is such a file.  A state that cannot be used is put
  // aside as PATH.unusable, note() says why, and the selector starts anew.  Fails if the file
  // cannot be read or nothing can be written beside it: kUnavailable, kResourceExhausted.
  [[nodiscard]] static Result<StateKeeper> Open(const std::string& path,
                                                select::PairSelector* selector);

  Status Save();
  Status SaveIfDue();

  // Frames up to here were looked at before the restart; absent after a start without a state.
  const std::optional<TimePoint>& resumed_at() const { return resumed_at_; }
  const std::string& note() const { return note_; }  // Empty: nothing to say.

 private:
  StateKeeper(std::string path, select::PairSelector* selector)
      : path_(std::move(path)), selector_(selector) {}

  std::string path_;
  select::PairSelector* selector_;
  std::optional<TimePoint> resumed_at_;
  std::optional<TimePoint> saved_at_;  // Capture time of the latest sample at the last Save().
  std::string note_;
};

}  // namespace stillwatch::state
