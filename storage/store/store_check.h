// Store check: is everything there that the store says it has?

#pragma once

#include "pipeline/core/status.h"
#include "storage/store/event_store.h"
#include "storage/store/picture_folder.h"
#include "storage/store/sqlite_guard.h"

namespace stillwatch::store {

// See EventStore::Check.  Changes nothing.
[[nodiscard]] Result<CheckReport> CheckOpened(SQLite::Database* database,
                                              const PictureFolder& pictures);

}  // namespace stillwatch::store
