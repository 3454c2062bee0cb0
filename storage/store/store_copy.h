// Store copy: a store to another place, while it is in use.  Backup one way, restore the other.

#pragma once

#include <filesystem>

#include "pipeline/core/status.h"
#include "storage/store/event_store.h"

namespace stillwatch::store {

// Copies the store at `from` to `to`, where nothing may be yet (kInvalidArgument else).  The copy
// is of one moment, complete and synced, or it is not there: the database gets its name last.
// Pictures that are missing or damaged are named in the report's problems; the rest is copied.
// Codes of opening: as EventStore::Open.
[[nodiscard]] Result<CheckReport> CopyStore(const std::filesystem::path& from,
                                            const std::filesystem::path& to);

}  // namespace stillwatch::store
