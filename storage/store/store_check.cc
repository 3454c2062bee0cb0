#include "storage/store/store_check.h"

#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

namespace stillwatch::store {
namespace {

// SQLite's own checks.
void CheckDatabase(SQLite::Database* database, CheckReport* report) {
  SQLite::Statement integrity(*database, "PRAGMA integrity_check");
  while (integrity.executeStep()) {
    const std::string line = integrity.getColumn(0).getString();
    if (line != "ok") report->problems.push_back("database: " + line);
  }
  SQLite::Statement keys(*database, "PRAGMA foreign_key_check");
  while (keys.executeStep()) {
    report->problems.push_back("database: table " + keys.getColumn(0).getString() + ", row " +
                               keys.getColumn(1).getString() +
                               " refers to a row that is missing in " +
                               keys.getColumn(2).getString());
  }
}

// What the schema alone does not hold together.
void CheckEvents(SQLite::Database* database, CheckReport* report) {
  SQLite::Statement heads(*database,
                          "SELECT e.id FROM events e LEFT JOIN messages m "
                          "ON m.seq = e.seq AND m.event = e.number WHERE m.seq IS NULL");
  while (heads.executeStep()) {
    report->problems.push_back("event " + heads.getColumn(0).getString() +
                               ": its latest message is missing");
  }
  SQLite::Statement unsearchable(*database,
                                 "SELECT e.id FROM events e WHERE NOT EXISTS "
                                 "(SELECT 1 FROM events_text t WHERE t.rowid = e.number)");
  while (unsearchable.executeStep()) {
    report->problems.push_back("event " + unsearchable.getColumn(0).getString() +
                               ": it is missing in the search index");
  }
  const auto count = [database](const char* sql) {
    return static_cast<std::uint64_t>(database->execAndGet(sql).getInt64());
  };
  report->events = count("SELECT count(*) FROM events");
  report->messages = count("SELECT count(*) FROM messages");
}

Status CheckPictures(SQLite::Database* database, const PictureFolder& pictures,
                     CheckReport* report) {
  Result<std::set<std::string>> files = pictures.List();
  if (!files) {
    report->problems.push_back("pictures: " + files.error().message());
    return {};
  }
  SQLite::Statement rows(*database, "SELECT day, sha256, bytes FROM pictures");
  while (rows.executeStep()) {
    const std::string day = rows.getColumn(0).getString();
    const std::string name = rows.getColumn(1).getString();
    ++report->pictures;
    report->picture_bytes += static_cast<std::uint64_t>(rows.getColumn(2).getInt64());
    const Result<std::string> bytes = pictures.Read(day, name);
    if (!bytes) report->problems.push_back(bytes.error().message());
    files->erase(pictures.PathOf(day, name).string());
  }
  for (const std::string& path : *files) {
    report->notes.push_back(path + " belongs to no event");
  }
  return {};
}

}  // namespace

Result<CheckReport> CheckOpened(SQLite::Database* database, const PictureFolder& pictures) {
  CheckReport report;
  const Status looked = Guarded("checking the store", [&]() -> Status {
    CheckDatabase(database, &report);
    if (!report.problems.empty()) return {};  // Reading on would trip over the same damage.
    CheckEvents(database, &report);
    return CheckPictures(database, pictures, &report);
  });
  if (looked.code() == StatusCode::kDataLoss) {
    report.problems.push_back(looked.message());
    return report;
  }
  if (!looked.ok()) return Failure(looked);
  return report;
}

}  // namespace stillwatch::store
