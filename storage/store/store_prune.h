// Store prune: lets go of what is old, and of nothing else.

#pragma once

#include "pipeline/core/status.h"
#include "storage/store/event_store.h"
#include "storage/store/picture_folder.h"
#include "storage/store/sqlite_guard.h"

namespace stillwatch::store {

// See EventStore::Prune.
[[nodiscard]] Result<PruneReport> PruneOpened(SQLite::Database* database,
                                              const PictureFolder& pictures,
                                              const PrunePolicy& policy, TimePoint now);

}  // namespace stillwatch::store
