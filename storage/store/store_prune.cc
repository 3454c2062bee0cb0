#include "storage/store/store_prune.h"

#include <set>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/store/event_rows.h"

namespace stillwatch::store {
namespace {

using std::chrono::nanoseconds;

// An open event is still there to be seen: it has no age.
std::string ClosedBefore(TimePoint time) {
  return "(SELECT number FROM events WHERE state <> 'open' AND changed_ns < " +
         std::to_string(Nanoseconds(time)) + ")";
}

constexpr const char* kUnused =
    " NOT EXISTS (SELECT 1 FROM messages m WHERE m.reference_picture = p.sha256)"
    " AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.current_picture = p.sha256)";

constexpr const char* kForgetPictures =
    "UPDATE messages SET reference_picture = NULL, current_picture = NULL WHERE event IN ";

Status CheckHealthy(SQLite::Database* database) {
  const std::string answer = database->execAndGet("PRAGMA quick_check(1)").getString();
  if (answer == "ok") return {};
  return DataLoss("the database is damaged (" + answer +
                  "): nothing is pruned.  Restore a backup, or run stillwatch store check");
}

void ForgetEvents(SQLite::Database* database, TimePoint before, PruneReport* report) {
  const std::string old = ClosedBefore(before);
  const std::string messages = "(SELECT seq FROM messages WHERE event IN " + old + ")";
  database->exec("DELETE FROM regions WHERE seq IN " + messages);
  database->exec("DELETE FROM zones WHERE seq IN " + messages);
  database->exec("DELETE FROM events_text WHERE rowid IN " + old);
  database->exec("DELETE FROM messages WHERE event IN " + old);
  report->events =
      static_cast<std::uint64_t>(database->exec("DELETE FROM events WHERE number IN " + old));
}

// Forgets pictures of closed events, oldest first, until those that are left fit.
void ForgetPicturesBeyond(SQLite::Database* database, std::uint64_t limit) {
  const std::string used =
      std::string("SELECT ifnull(sum(bytes), 0) FROM pictures p WHERE NOT (") + kUnused + ")";
  const std::string oldest =
      "(SELECT DISTINCT e.number FROM events e JOIN messages m ON m.event = e.number"
      " WHERE e.state <> 'open' AND ifnull(m.reference_picture, m.current_picture) IS NOT NULL"
      " ORDER BY e.changed_ns LIMIT 100)";
  while (static_cast<std::uint64_t>(database->execAndGet(used).getInt64()) > limit) {
    if (database->exec(kForgetPictures + oldest) == 0) return;  // Open events hold the rest.
  }
}

// Takes the rows of pictures that no message names; returns day and name of each.
std::vector<PictureFolder::Picture> DropRows(SQLite::Database* database, PruneReport* report) {
  std::vector<PictureFolder::Picture> dropped;
  SQLite::Statement rows(*database,
                         std::string("SELECT sha256, day, bytes FROM pictures p WHERE") + kUnused);
  while (rows.executeStep()) {
    dropped.push_back(
        {.sha256 = rows.getColumn(0).getString(), .day = rows.getColumn(1).getString()});
    report->picture_bytes += static_cast<std::uint64_t>(rows.getColumn(2).getInt64());
  }
  database->exec(std::string("DELETE FROM pictures AS p WHERE") + kUnused);
  return dropped;
}

// REQUIRES: the write lock, so that no picture is under way.
Status RemoveFiles(SQLite::Database* database, const PictureFolder& pictures,
                   const std::vector<PictureFolder::Picture>& dropped, PruneReport* report) {
  std::set<std::string> owned;
  SQLite::Statement rows(*database, "SELECT day, sha256 FROM pictures");
  while (rows.executeStep()) {
    owned.insert(
        pictures.PathOf(rows.getColumn(0).getString(), rows.getColumn(1).getString()).string());
  }
  for (const PictureFolder::Picture& picture : dropped) {
    // Since the commit somebody may have stored the same picture again.
    if (owned.contains(pictures.PathOf(picture.day, picture.sha256).string())) continue;
    if (Status removed = pictures.Remove(picture.day, picture.sha256); !removed.ok()) {
      return removed;
    }
    ++report->pictures;
  }
  const Result<std::set<std::string>> files = pictures.List();
  if (!files) return files.error();
  for (const std::string& file : *files) {
    if (owned.contains(file)) continue;
    if (Status moved = pictures.Quarantine(file); !moved.ok()) return moved;
    report->quarantined.push_back(file);
  }
  return {};
}

}  // namespace

Result<PruneReport> PruneOpened(SQLite::Database* database, const PictureFolder& pictures,
                                const PrunePolicy& policy, TimePoint now) {
  return Guarded("pruning the store", database, [&]() -> Result<PruneReport> {
    PruneReport report;
    if (Status mounted = pictures.CheckMounted(); !mounted.ok()) return Failure(mounted);
    if (Status healthy = CheckHealthy(database); !healthy.ok()) return Failure(healthy);
    // Rows first: a kill in between leaves files that no row names, which the next run puts aside.
    SQLite::Transaction rows(*database, SQLite::TransactionBehavior::IMMEDIATE);
    if (policy.events) ForgetEvents(database, now - *policy.events, &report);
    if (policy.pictures) {
      database->exec(kForgetPictures + ClosedBefore(now - *policy.pictures));
    }
    if (policy.max_picture_bytes) ForgetPicturesBeyond(database, *policy.max_picture_bytes);
    const std::vector<PictureFolder::Picture> dropped = DropRows(database, &report);
    rows.commit();

    SQLite::Transaction lock(*database, SQLite::TransactionBehavior::IMMEDIATE);
    if (Status removed = RemoveFiles(database, pictures, dropped, &report); !removed.ok()) {
      return Failure(removed);
    }
    return report;
  });
}

}  // namespace stillwatch::store
