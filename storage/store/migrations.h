// Migrations: how the database comes from any older version to this one.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "pipeline/core/status.h"
#include "storage/store/sqlite_guard.h"

namespace stillwatch::store {

// In SQLite's application_id: "SWev".  Stored: never change.
inline constexpr std::int32_t kApplicationId = 0x53576576;

struct Migration {
  int version = 0;  // 1, 2, 3 ...; the database's user_version after it.
  std::string_view name{};
  std::string_view sql{};
};

// storage/migrations/*.sql, in order; embedded by CMake.
std::span<const Migration> Migrations();

// OK, or kInvalidArgument if `version` is above what `migrations` reach.
Status CheckVersion(int version, std::span<const Migration> migrations);

// The version of a database; kInvalidArgument if it is above what `migrations` reach.
[[nodiscard]] Result<int> SchemaVersion(SQLite::Database* database,
                                        std::span<const Migration> migrations);

// Runs what the database lacks, each in a transaction of its own: one that fails leaves the
// database as the one before left it.  Forward only.
Status Migrate(SQLite::Database* database, std::span<const Migration> migrations);

}  // namespace stillwatch::store
