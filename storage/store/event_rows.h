// Event rows: one message <-> its rows in messages, regions, zones.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/status.h"
#include "storage/store/sqlite_guard.h"

namespace SQLite {
class Statement;
}

namespace stillwatch::store {

// A message as it is stored.
struct MessageRow {
  ChangeEvent event{};
  std::int64_t event_number = 0;    // events.number.
  std::string identity{};           // Empty when read.
  std::string reference_picture{};  // SHA-256; empty where there is none.
  std::string current_picture{};
};

// What ReadMessages expects of a SELECT, in front of "FROM messages m JOIN events e ...".
extern const char* const kMessageColumns;

// The functions below throw what SQLite throws: they run inside Guarded.

// Reads all rows that `rows` gives, and their regions and zones.
std::vector<MessageRow> ReadMessages(SQLite::Database* database, SQLite::Statement* rows);

// Writes the rows and returns the seq that the message got.
std::uint64_t InsertMessage(SQLite::Database* database, const MessageRow& row);

inline std::int64_t Nanoseconds(TimePoint time) { return time.time_since_epoch().count(); }

}  // namespace stillwatch::store
