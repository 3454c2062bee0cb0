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
// kResourceExhausted, locked or unreadable files kUnavailable, damage kDataLoss.
Status StatusOfException(std::string_view what) noexcept;

template <typename Body>
auto Guarded(std::string_view what, Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    return Failure(StatusOfException(what));
  }
}

}  // namespace stillwatch::store
