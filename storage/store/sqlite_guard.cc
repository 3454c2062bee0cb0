#include "storage/store/sqlite_guard.h"

#include <cerrno>
#include <exception>
#include <string>

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace stillwatch::store {

Status StatusOfException(std::string_view what) noexcept {
  const std::string context(what);
  try {
    throw;
  } catch (const SQLite::Exception& e) {
    const std::string text = context + ": " + e.what();
    switch (e.getErrorCode() & 0xFF) {
      case SQLITE_FULL:
        return ResourceExhausted(text + "; free some space");
      case SQLITE_IOERR:
        // A write beyond a quota or a file size limit arrives as an I/O error.
        if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
          return ResourceExhausted(text + "; free some space");
        }
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
