// Opening the database: refuses whatever is not a healthy store of ours, and never makes one where
// something else lies.

#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "pipeline/core/status.h"
#include "storage/store/event_store.h"
#include "storage/store/sqlite_guard.h"

namespace stillwatch::store {

struct StorePaths {
  std::filesystem::path database{};
  std::filesystem::path pictures{};
};
// See EventStore::Open for the rule.
StorePaths PathsOf(const std::filesystem::path& path);

// Custom, because SQLite::Database is known by name only here.
struct CloseDatabase {
  void operator()(SQLite::Database* database) const noexcept;
};
using DatabasePtr = std::unique_ptr<SQLite::Database, CloseDatabase>;

// Codes as EventStore::Open.
[[nodiscard]] Result<DatabasePtr> OpenDatabase(const StorePaths& paths, OpenMode mode,
                                               std::chrono::milliseconds busy_timeout);

}  // namespace stillwatch::store
