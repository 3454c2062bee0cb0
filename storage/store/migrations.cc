#include "storage/store/migrations.h"

#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

namespace stillwatch::store {

Status CheckVersion(int version, std::span<const Migration> migrations) {
  const int newest = migrations.empty() ? 0 : migrations.back().version;
  if (version <= newest) return {};
  return InvalidArgument("the store has version " + std::to_string(version) +
                         ", written by a newer Stillwatch; this one knows up to " +
                         std::to_string(newest) + ".  Update Stillwatch");
}

Result<int> SchemaVersion(SQLite::Database* database, std::span<const Migration> migrations) {
  return Guarded("reading the store's version", [&]() -> Result<int> {
    const int version = database->execAndGet("PRAGMA user_version").getInt();
    if (Status known = CheckVersion(version, migrations); !known.ok()) return Failure(known);
    return version;
  });
}

Status Migrate(SQLite::Database* database, std::span<const Migration> migrations) {
  const Result<int> version = SchemaVersion(database, migrations);
  if (!version) return version.error();
  for (const Migration& migration : migrations) {
    if (migration.version <= *version) continue;
    const Status done = Guarded("migration " + std::string(migration.name), [&]() -> Status {
      SQLite::Transaction transaction(*database, SQLite::TransactionBehavior::IMMEDIATE);
      // Another process may have been first while this one waited for the lock.
      if (database->execAndGet("PRAGMA user_version").getInt() >= migration.version) return {};
      database->exec(std::string(migration.sql));
      database->exec("PRAGMA user_version = " + std::to_string(migration.version));
      transaction.commit();
      return {};
    });
    if (!done.ok()) return done;
  }
  return {};
}

}  // namespace stillwatch::store
