// Made stores: short ways to make and read a store in a test.

#pragma once

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "storage/store/event_store.h"
#include "tests/unit/bus/made_events.h"

namespace stillwatch::store {

inline EventStore NewStore(const TemporaryFolder& folder) {
  Result<EventStore> store = EventStore::Open(folder / "store", OpenMode::kCreate);
  EXPECT_TRUE(store) << store.error().message();
  return std::move(store.value());
}

// With pictures of its own.
inline Appended Put(EventStore* store, const ChangeEvent& event) {
  Result<Appended> appended =
      store->Append(event, MadeJpeg("before " + event.id), MadeJpeg("after " + event.id));
  EXPECT_TRUE(appended) << appended.error().message();
  return std::move(appended.value());
}

inline std::vector<ChangeEvent> Found(const EventStore& store, const EventQuery& query = {}) {
  Result<std::vector<ChangeEvent>> found = store.Query(query);
  EXPECT_TRUE(found) << found.error().message();
  return std::move(found.value());
}

}  // namespace stillwatch::store
