#include "storage/store/event_store.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/storage/made_store.h"

namespace stillwatch::store {
namespace {

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
  EXPECT_EQ(store.ReadPicture(event.id, PictureRole::kReference), MadeJpeg("before " + event.id));
  EXPECT_EQ(store.ReadPicture(event.id, PictureRole::kCurrent), MadeJpeg("after " + event.id));
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

TEST(EventStoreTest, WhatAUserTypesNeverBreaksTheSearch) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent());
  for (const std::string words : {"\"bottle",
                                  "NOT (",
                                  "*",
                                  "\"",
                                  "\"\"",
                                  "AND OR NOT",
                                  "bottle*",
                                  "caption:bottle",
                                  "a^b",
                                  "-x",
                                  "{}",
                                  "near(a b)",
                                  "\xFF\xFE",
                                  "\xE2\x80\x9C",
                                  "'; DROP TABLE events; --",
                                  "\\",
                                  "%",
                                  "?",
                                  "",
                                  "the",
                                  "   ",
                                  "bottle AND",
                                  "\t\n"}) {
    const auto found = store.Query({.words = words});
    EXPECT_TRUE(found) << words << ": " << found.error().message();
  }
  EXPECT_EQ(Found(store, {.words = "\"bottle"}).size(), 1);
  EXPECT_EQ(Found(store, {.words = "bottle*"}).size(), 1);
  EXPECT_EQ(Found(store, {.words = "*"}).size(), 0);
  EXPECT_EQ(Found(store, {.words = ""}).size(), 1);
  EXPECT_EQ(Found(store, {.words = std::string("bottle\0ladder", 13)}).size(), 0);
  EXPECT_EQ(Found(store, {.words = std::string(100'000, 'x')}).size(), 0);
}

TEST(EventStoreTest, EveryFilterRestricts) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent(0));
  ChangeEvent other = MadeEvent(3600);
  other.camera = "yard";
  other.kind = ChangeKind::kRemoved;
  other.zones = {"lawn"};
  other.caption_status = CaptionStatus::kPending;
  Put(&store, other);
  ChangeEvent gone = other;
  gone.type = EventType::kChangeResolved;
  gone.time = MadeTime(7200);
  Put(&store, gone);

  const auto only = [&](const EventQuery& query) {
    const auto found = Found(store, query);
    return found.size() == 1 ? found[0].camera : std::to_string(found.size()) + " events";
  };
  EXPECT_EQ(only({.camera = "yard"}), "yard");
  EXPECT_EQ(only({.kind = ChangeKind::kAdded}), "dock_door");
  EXPECT_EQ(only({.zone = "lawn"}), "yard");
  EXPECT_EQ(only({.zone = "gate"}), "dock_door");
  EXPECT_EQ(only({.state = EventState::kResolved}), "yard");
  EXPECT_EQ(only({.caption_status = CaptionStatus::kPending}), "yard");
  EXPECT_EQ(only({.since = MadeTime(3600)}), "yard");
  EXPECT_EQ(only({.until = MadeTime(3600)}), "dock_door");
  EXPECT_EQ(only({.since = MadeTime(7200), .until = MadeTime(7201)}), "yard");  // By its end.
  EXPECT_EQ(only({.since = MadeTime(4000), .until = MadeTime(7200)}), "0 events");
  EXPECT_EQ(only({.limit = 1}), "yard");
  EXPECT_EQ(only({.words = "bottles", .camera = "yard", .zone = "bay"}), "0 events");
  EXPECT_EQ(store.Query({.limit = 0}).error().code(), StatusCode::kInvalidArgument);
}

TEST(EventStoreTest, NothingFoundIsEmptyAndAnUnknownIdIsNotFound) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  EXPECT_TRUE(Found(store).empty());
  EXPECT_EQ(store.LastSeq(), 0);
  EXPECT_EQ(store.Get(MadeEvent().id).error().code(), StatusCode::kNotFound);
  EXPECT_EQ(store.ReadPicture("", PictureRole::kCurrent).error().code(), StatusCode::kNotFound);
  EXPECT_EQ(store.UpdateCaption({.id = MadeEvent().id}).error().code(), StatusCode::kNotFound);
}

TEST(EventStoreTest, ACaptionUpdatesTheEventInPlaceAndCanBeSearched) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  ChangeEvent pending = MadeEvent();
  pending.caption.clear();
  pending.caption_status = CaptionStatus::kPending;
  pending.confidence = 0;
  pending.model = {};
  Put(&store, pending);
  EXPECT_TRUE(Found(store, {.words = "ladder"}).empty());

  const CaptionUpdate update{.id = pending.id,
                             .caption = "the ladder is gone",
                             .confidence = 0.75,
                             .kind = ChangeKind::kRemoved,
                             .model = {.name = "nano", .fingerprint = "sha256:1"},
                             .caption_ms = 93};
  const Result<Appended> updated = store.UpdateCaption(update);
  ASSERT_TRUE(updated) << updated.error().message();
  EXPECT_EQ(updated->seq, 2);
  EXPECT_EQ(updated->event.type, EventType::kChangeUpdated);
  EXPECT_TRUE(store.UpdateCaption(update)->already_known);

  const auto found = Found(store, {.words = "ladders"});
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].id, pending.id);
  EXPECT_EQ(found[0].caption_status, CaptionStatus::kReady);
  EXPECT_EQ(found[0].kind, ChangeKind::kRemoved);
  EXPECT_EQ(found[0].confidence, 0.75);
  EXPECT_EQ(found[0].model, update.model);
  EXPECT_EQ(found[0].time, pending.time);
  EXPECT_EQ(found[0].regions, pending.regions);
  EXPECT_EQ(Found(store).size(), 1);
}

TEST(EventStoreTest, AResolvedEventKeepsItsCaptionAndThePicturesOfTheChange) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  const ChangeEvent event = MadeEvent();
  Put(&store, event);
  ChangeEvent resolved = event;
  resolved.type = EventType::kChangeResolved;
  resolved.time = MadeTime(600);
  resolved.caption.clear();
  resolved.caption_status = CaptionStatus::kOff;
  resolved.current.time = resolved.time;
  const Result<Appended> answer =
      store.Append(resolved, MadeJpeg("scene"), MadeJpeg("scene again"));
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->event.state, EventState::kResolved);
  EXPECT_EQ(answer->event.time, resolved.time);
  EXPECT_EQ(answer->event.caption, event.caption);
  EXPECT_EQ(answer->event.caption_status, CaptionStatus::kReady);
  EXPECT_EQ(answer->event.current, event.current);
  EXPECT_EQ(store.ReadPicture(event.id, PictureRole::kCurrent), MadeJpeg("after " + event.id));
  EXPECT_EQ(store.Check()->pictures, 2);
}

TEST(EventStoreTest, AClosedEventStaysClosed) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  ChangeEvent event = MadeEvent();
  Put(&store, event);
  event.type = EventType::kChangeAccepted;
  Put(&store, event);
  event.type = EventType::kChangeUpdated;
  event.severity = Severity::kLow;
  EXPECT_EQ(Put(&store, event).event.state, EventState::kAccepted);
}

TEST(EventStoreTest, ReplayGivesEveryMessageAsItWasPublished) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent(1));
  Put(&store, MadeEvent(2));
  ASSERT_TRUE(store.UpdateCaption({.id = MadeEvent(1).id, .caption = "a bag"}));
  ChangeEvent resolved = MadeEvent(2);
  resolved.type = EventType::kChangeResolved;
  Put(&store, resolved);

  const auto all = store.ReplaySince(0, 100);
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_EQ(all->size(), 4);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ((*all)[i].seq, i + 1);
  EXPECT_EQ((*all)[0].caption, MadeEvent(1).caption);
  EXPECT_EQ((*all)[2].caption, "a bag");
  EXPECT_EQ((*all)[3].state, EventState::kResolved);
  EXPECT_EQ(store.ReplaySince(2, 1)->size(), 1);
  EXPECT_EQ(store.ReplaySince(2, 1)->front().seq, 3);
  EXPECT_TRUE(store.ReplaySince(4, 100)->empty());
  EXPECT_TRUE(store.ReplaySince(UINT64_MAX, 100)->empty());
}

TEST(EventStoreTest, RedeliveredUpdatesResolutionsAndCaptionsWriteNothing) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent());
  ChangeEvent updated = MadeEvent();
  updated.type = EventType::kChangeUpdated;
  updated.regions.pop_back();
  ChangeEvent resolved = MadeEvent();
  resolved.type = EventType::kChangeResolved;
  EXPECT_EQ(Put(&store, updated).seq, 2);
  EXPECT_EQ(Put(&store, resolved).seq, 3);
  EXPECT_EQ(Put(&store, updated).seq, 2);
  EXPECT_EQ(Put(&store, resolved).seq, 3);
  EXPECT_EQ(Put(&store, MadeEvent()).seq, 1);
  EXPECT_EQ(store.LastSeq(), 3);
}

TEST(EventStoreTest, ABatchAnswersForEachMessageInOrder) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  ChangeEvent bad = MadeEvent(2);
  bad.confidence = 2;
  const std::string jpeg = MadeJpeg("shared");
  const Delivery deliveries[] = {
      {.message = MadeEvent(1), .reference_jpeg = jpeg, .current_jpeg = jpeg},
      {.message = bad},
      {.message = CaptionUpdate{.id = MadeEvent(1).id, .caption = "a bag"}},
      {.message = MadeEvent(1), .reference_jpeg = jpeg},
      {.message = MadeEvent(3), .reference_jpeg = jpeg, .current_jpeg = "GIF89a"},
      {.message = MadeEvent(4), .reference_jpeg = jpeg}};
  const auto answers = store.AppendBatch(deliveries);
  ASSERT_EQ(answers.size(), 6);
  EXPECT_EQ(answers[0]->seq, 1);
  EXPECT_EQ(answers[1].error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(answers[2]->seq, 2);
  EXPECT_TRUE(answers[3]->already_known);
  EXPECT_EQ(answers[3]->seq, 1);
  EXPECT_NE(answers[4].error().message().find("no JPEG"), std::string::npos);
  EXPECT_EQ(answers[5]->seq, 3);
  EXPECT_EQ(store.Check()->pictures, 1);  // Equal pictures are stored once.
}

TEST(EventStoreTest, AnEventOfAnotherSourceOrCameraIsNotMixedIn) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent());
  ChangeEvent other = MadeEvent();
  other.type = EventType::kChangeUpdated;
  other.source = "urn:stillwatch:elsewhere";
  EXPECT_EQ(store.Append(other, "", "").error().code(), StatusCode::kInvalidArgument);
  other.source.clear();
  other.camera = "yard";
  EXPECT_EQ(store.Append(other, "", "").error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(store.LastSeq(), 1);
}

TEST(EventStoreTest, TheInstallationIsMadeOnce) {
  TemporaryFolder folder, other;
  const std::string source = NewStore(folder).source();
  EXPECT_EQ(source.size(), std::string("urn:stillwatch:").size() + 36);
  EXPECT_EQ(NewStore(folder).source(), source);
  EXPECT_NE(NewStore(other).source(), source);
}

TEST(EventStoreTest, APathThatNamesAFileKeepsThePicturesBesideIt) {
  TemporaryFolder folder;
  for (const char* name : {"events.db", "x.sqlite", "y.sqlite3"}) {
    Result<EventStore> store = EventStore::Open(folder / name, OpenMode::kCreate);
    ASSERT_TRUE(store) << store.error().message();
    Put(&*store, MadeEvent());
    EXPECT_TRUE(std::filesystem::is_regular_file(folder / name));
    EXPECT_TRUE(std::filesystem::is_directory(folder / (std::string(name) + ".pictures")));
  }
  std::filesystem::rename(folder / "x.sqlite", folder / "no_suffix");
  std::filesystem::rename(folder / "x.sqlite.pictures", folder / "no_suffix.pictures");
  EXPECT_TRUE(EventStore::Open(folder / "no_suffix", OpenMode::kRead));
}

TEST(EventStoreTest, ReadersSeeWholeEventsWhileTheWriterWrites) {
  TemporaryFolder folder;
  EventStore writer = NewStore(folder);
  constexpr int kEvents = 60;
  std::jthread writing([&writer] {
    for (int i = 0; i < kEvents; ++i) Put(&writer, MadeEvent(i));
  });
  const Result<EventStore> reader = EventStore::Open(folder / "store", OpenMode::kRead);
  ASSERT_TRUE(reader) << reader.error().message();
  std::size_t seen = 0;
  while (seen < kEvents) {
    const auto found = Found(*reader, {.words = "bottle", .limit = 1000});
    ASSERT_GE(found.size(), seen);
    seen = found.size();
    for (const ChangeEvent& event : found) {
      ASSERT_EQ(event.regions.size(), 2);
      ASSERT_EQ(event.zones.size(), 2);
    }
    if (!found.empty()) {
      // Committed after its picture: whoever sees the row can read the file.
      ASSERT_TRUE(reader->ReadPicture(found[0].id, PictureRole::kCurrent));
    }
  }
}

}  // namespace
}  // namespace stillwatch::store
