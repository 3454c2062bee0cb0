#include "storage/store/event_store.h"

#include <gtest/gtest.h>

#include "tests/unit/bus/made_events.h"

namespace stillwatch::store {
namespace {

const std::string kBefore = MadeJpeg("before");
const std::string kAfter = MadeJpeg("after");

EventStore NewStore(const TemporaryFolder& folder) {
  Result<EventStore> store = EventStore::Open(folder / "store", OpenMode::kCreate);
  EXPECT_TRUE(store) << store.error().message();
  return std::move(store.value());
}

Appended Put(EventStore* store, const ChangeEvent& event) {
  Result<Appended> appended = store->Append(event, kBefore, kAfter);
  EXPECT_TRUE(appended) << appended.error().message();
  return appended.value_or(Appended{});
}

std::vector<ChangeEvent> Found(const EventStore& store, const EventQuery& query) {
  Result<std::vector<ChangeEvent>> found = store.Query(query);
  EXPECT_TRUE(found) << found.error().message();
  return found.value_or(std::vector<ChangeEvent>{});
}

TEST(EventStoreTest, EveryFieldComesBackAsItWasAppended) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  const ChangeEvent event = MadeEvent();
  EXPECT_EQ(Put(&store, event).seq, 1);

  const Result<ChangeEvent> got = store.Get(event.id);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->id, event.id);
  EXPECT_EQ(got->source, store.source());
  EXPECT_EQ(got->type, event.type);
  EXPECT_EQ(got->time, event.time);
  EXPECT_EQ(got->seq, 1);
  EXPECT_EQ(got->camera, event.camera);
  EXPECT_EQ(got->zones, event.zones);
  EXPECT_EQ(got->severity, event.severity);
  EXPECT_EQ(got->state, event.state);
  EXPECT_EQ(got->kind, event.kind);
  EXPECT_EQ(got->caption, event.caption);
  EXPECT_EQ(got->caption_status, event.caption_status);
  EXPECT_EQ(got->confidence, event.confidence);
  EXPECT_EQ(got->regions, event.regions);
  EXPECT_EQ(got->reference, event.reference);
  EXPECT_EQ(got->current, event.current);
  EXPECT_EQ(got->why, event.why);
  EXPECT_EQ(got->model, event.model);
  EXPECT_EQ(got->latency.select_ms, event.latency.select_ms);
  EXPECT_EQ(got->latency.caption_ms, event.latency.caption_ms);
  EXPECT_GT(got->latency.store_ms, 0);
  EXPECT_EQ(store.ReadPicture(event.id, PictureRole::kReference), kBefore);
  EXPECT_EQ(store.ReadPicture(event.id, PictureRole::kCurrent), kAfter);
}

TEST(EventStoreTest, RedeliveryGivesTheSameSeqAndNoSecondEvent) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent(1));
  Put(&store, MadeEvent(2));
  ChangeEvent again = MadeEvent(1);
  again.why.settled_s += 3;  // Found again after a restart: the details differ.
  const Appended answer = Put(&store, again);
  EXPECT_TRUE(answer.already_known);
  EXPECT_EQ(answer.seq, 1);
  EXPECT_EQ(Found(store, {}).size(), 2);
  EXPECT_EQ(store.LastSeq(), 2);
}

TEST(EventStoreTest, FindsWordsByTheirStemAndNewestFirst) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  for (int i = 0; i < 3; ++i) Put(&store, MadeEvent(i));
  ChangeEvent other = MadeEvent(9);
  other.caption = "the ladder is gone";
  other.kind = ChangeKind::kRemoved;
  Put(&store, other);
  const auto found = Found(store, {.words = "bottle"});
  ASSERT_EQ(found.size(), 3);
  EXPECT_EQ(found[0].id, MadeEvent(2).id);
  EXPECT_EQ(found[2].id, MadeEvent(0).id);
  EXPECT_EQ(Found(store, {.words = "a ladder"}).size(), 1);
  EXPECT_EQ(Found(store, {.words = "removed"}).size(), 1);
  EXPECT_EQ(Found(store, {.words = "bottle ladder"}).size(), 0);
}

}  // namespace
}  // namespace stillwatch::store
