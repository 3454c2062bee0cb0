// OpenStore: the event store a command was pointed at.

#pragma once

#include <string>

#include "pipeline/core/status.h"
#include "storage/store/event_store.h"

namespace stillwatch::app {

// As EventStore::Open, with the path in every message.  Never kInvalidArgument: a store that does
// not open is no mistake of usage, whatever is wrong with it (exit code 3).
[[nodiscard]] Result<store::EventStore> OpenStore(const std::string& path, store::OpenMode mode);

}  // namespace stillwatch::app
