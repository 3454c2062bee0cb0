#include "storage/store/sqlite_guard.h"

#include <cerrno>
#include <exception>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

namespace stillwatch::store {

namespace {

// The system's word on the last I/O error of one of the database's two files, or 0.  Asked of the
// file itself: sqlite3_system_errno() reads errno when it is too late.
int LastError(sqlite3* database, int which_file) {
  sqlite3_file* file = nullptr;
  int error = 0;
  if (sqlite3_file_control(database, "main", which_file, &file) == SQLITE_OK && file != nullptr &&
      file->pMethods != nullptr) {
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
  }
  return error;
}

// A quota or a limit on file sizes arrives as an I/O error; ENOSPC is SQLITE_FULL already.
bool IsFull(SQLite::Database* database) {
  if (database == nullptr) return false;
  for (const int file : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    const int error = LastError(database->getHandle(), file);
    if (error == EDQUOT || error == EFBIG) return true;
  }
  return false;
}

}  // namespace

Status StatusOfException(std::string_view what, SQLite::Database* database) noexcept {
  const std::string context(what);
  try {
    throw;
  } catch (const SQLite::Exception& e) {
    const std::string text = context + ": " + e.what();
    switch (e.getErrorCode() & 0xFF) {
      case SQLITE_FULL:
        return ResourceExhausted(text + "; free some space");
      case SQLITE_IOERR:
        if (IsFull(database)) return ResourceExhausted(text + "; free some space");
        return Unavailable(text);
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
      case SQLITE_CANTOPEN:
      case SQLITE_PERM:
      case SQLITE_READONLY:
      case SQLITE_AUTH:
      case SQLITE_PROTOCOL:
        return Unavailable(text);
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return DataLoss(text + "; restore a backup");
      default:
        return Internal(text);
    }
  } catch (const std::exception& e) {
    return Internal(context + ": " + e.what());
  } catch (...) {
    return Internal(context + ": an exception that is no std::exception");
  }
}

}  // namespace stillwatch::store
