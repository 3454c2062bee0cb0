// Guarded: runs code that calls SQLite and turns what it throws into a Status.

#pragma once

#include <string_view>
#include <utility>

#include "pipeline/core/status.h"

namespace SQLite {
class Database;
}

namespace stillwatch::store {

// The Status of the exception in flight; REQUIRES: called in a catch block.  Full disks are
// kResourceExhausted, locked or unreadable files kUnavailable, damage kDataLoss.  `database`, if
// there is one, knows the system's word on an I/O error.
Status StatusOfException(std::string_view what, SQLite::Database* database) noexcept;

template <typename Body>
auto Guarded(std::string_view what, SQLite::Database* database, Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    return Failure(StatusOfException(what, database));
  }
}

template <typename Body>
auto Guarded(std::string_view what, Body&& body) -> decltype(body()) {
  return Guarded(what, nullptr, std::forward<Body>(body));
}

}  // namespace stillwatch::store
