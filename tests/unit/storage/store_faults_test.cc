#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "storage/store/event_store.h"
#include "storage/store/sha256.h"
#include "tests/unit/storage/made_store.h"

namespace stillwatch::store {
namespace {

namespace fs = std::filesystem;

void WriteFile(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every file below a folder with its hash: for "nothing was changed".
std::map<std::string, std::string> Contents(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    contents[entry.path().string()] =
        entry.is_regular_file() ? Sha256Hex(ReadFile(entry.path())) : "folder";
  }
  return contents;
}

fs::path PictureOf(const fs::path& store, const std::string& jpeg) {
  return store / "pictures" / "2026-01-01" / (Sha256Hex(jpeg) + ".jpg");
}

bool Mentions(const std::vector<std::string>& lines, const std::string& text) {
  for (const std::string& line : lines) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

// Files of this process end at `bytes` while it lives, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(StoreFaultsTest, AMissingStoreIsUnavailableAndIsNotMade) {
  TemporaryFolder folder;
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite}) {
    for (const char* name : {"store", "events.db"}) {
      const Result<EventStore> store = EventStore::Open(folder / name, mode);
      ASSERT_FALSE(store);
      EXPECT_EQ(store.error().code(), StatusCode::kUnavailable);
      EXPECT_NE(store.error().message().find("record something first"), std::string::npos);
    }
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

struct Refused {
  const char* name;
  StatusCode code;
  std::function<void(const fs::path&)> make;
};

TEST(StoreFaultsTest, WhatIsNoHealthyStoreIsRefusedAndLeftAsItWas) {
  const Refused kRefused[] = {
      {"empty", StatusCode::kDataLoss, [](const fs::path& p) { WriteFile(p, ""); }},
      {"text", StatusCode::kInvalidArgument,
       [](const fs::path& p) { WriteFile(p, std::string(5000, 'x')); }},
      {"short", StatusCode::kInvalidArgument,
       [](const fs::path& p) { WriteFile(p, "SQLite format 3"); }},
      {"foreign", StatusCode::kInvalidArgument,
       [](const fs::path& p) {
         SQLite::Database(p.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
             .exec("CREATE TABLE events (id)");
       }},
      {"folder", StatusCode::kInvalidArgument, [](const fs::path& p) { fs::create_directory(p); }},
      {"newer", StatusCode::kInvalidArgument,
       [](const fs::path& p) {
         fs::remove_all(p.parent_path());
         ASSERT_TRUE(EventStore::Open(p.parent_path(), OpenMode::kCreate));
         SQLite::Database(p.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 999");
       }},
  };
  for (const Refused& refused : kRefused) {
    for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite, OpenMode::kCreate}) {
      SCOPED_TRACE(refused.name);
      TemporaryFolder folder;
      fs::create_directory(folder / "store");
      refused.make(folder / "store/events.db");
      const auto before = Contents(folder.path());
      const Result<EventStore> store = EventStore::Open(folder / "store", mode);
      ASSERT_FALSE(store);
      EXPECT_EQ(store.error().code(), refused.code) << store.error().message();
      EXPECT_EQ(Contents(folder.path()), before);
    }
  }
}

TEST(StoreFaultsTest, ADatabaseThatIsGoneFromItsPicturesIsNotBegunAnew) {
  TemporaryFolder folder;
  {
    EventStore store = NewStore(folder);
    Put(&store, MadeEvent());
  }
  fs::remove(folder / "store/events.db");
  const auto before = Contents(folder.path());
  const Result<EventStore> store = EventStore::Open(folder / "store", OpenMode::kCreate);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(store.error().message().find("holds 2 files"), std::string::npos);
  EXPECT_EQ(Contents(folder.path()), before);
}

TEST(StoreFaultsTest, ADatabaseRemovedWhileOpenTakesNoMoreEvents) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  fs::rename(folder / "store/events.db", folder / "aside");
  EXPECT_EQ(store.Append(MadeEvent(), "", "").error().code(), StatusCode::kUnavailable);
  fs::rename(folder / "aside", folder / "store/events.db");
  EXPECT_EQ(Put(&store, MadeEvent()).seq, 1);
}

TEST(StoreFaultsTest, AMissingPictureFolderTakesNoMoreEventsAndIsNotMade) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  fs::rename(folder / "store/pictures", folder / "aside");
  const Result<Appended> answer = store.Append(MadeEvent(), MadeJpeg("before"), "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(fs::exists(folder / "store/pictures"));
  EXPECT_EQ(store.LastSeq(), 0);
  fs::rename(folder / "aside", folder / "store/pictures");
  EXPECT_EQ(Put(&store, MadeEvent()).seq, 1);
}

TEST(StoreFaultsTest, ALockedDatabaseIsUnavailableForTheTime) {
  TemporaryFolder folder;
  ASSERT_TRUE(EventStore::Open(folder / "store", OpenMode::kCreate));
  Result<EventStore> store =
      EventStore::Open(folder / "store", OpenMode::kWrite, std::chrono::milliseconds(20));
  ASSERT_TRUE(store);
  {
    SQLite::Database other((folder / "store/events.db").string(), SQLite::OPEN_READWRITE);
    SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);
    const Result<Appended> answer = store->Append(MadeEvent(), "", "");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), StatusCode::kUnavailable) << answer.error().message();
    EXPECT_TRUE(store->Query({}));  // Reading goes on.
  }
  EXPECT_EQ(Put(&*store, MadeEvent()).seq, 1);
}

TEST(StoreFaultsTest, ADiskFullForPicturesLeavesNothingBehind) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent(1));
  const auto before = store.Check();
  Result<Appended> answer = NotFound("not tried");
  {
    const FileSizeLimit limit(100'000);
    answer = store.Append(MadeEvent(2), MadeJpeg(std::string(200'000, 'x')), "");
  }
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), StatusCode::kResourceExhausted) << answer.error().message();
  const auto after = store.Check();
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(after->messages, 1);
  EXPECT_TRUE(after->problems.empty());
  EXPECT_TRUE(after->notes.empty());  // No temporary file.
  EXPECT_EQ(Put(&store, MadeEvent(2)).seq, 2);
}

TEST(StoreFaultsTest, ADiskFullForTheDatabaseKeepsEveryAnsweredEventAndTakesMoreAfterwards) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  int stored = 0;
  Status full;
  {
    const FileSizeLimit limit(400'000);
    while (full.ok() && stored < 1000) {
      const Result<Appended> answer = store.Append(MadeEvent(stored), "", "");
      answer ? static_cast<void>(++stored) : static_cast<void>(full = answer.error());
    }
  }
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted) << full.message();
  EXPECT_GT(stored, 0);
  const auto report = store.Check();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->problems.empty());
  EXPECT_EQ(report->messages, stored);
  EXPECT_EQ(Put(&store, MadeEvent(stored)).seq, static_cast<std::uint64_t>(stored) + 1);
}

TEST(StoreFaultsTest, CheckFindsNothingInAHealthyStore) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  for (int i = 0; i < 3; ++i) Put(&store, MadeEvent(i));
  ASSERT_TRUE(store.UpdateCaption({.id = MadeEvent(1).id, .caption = "a bag"}));
  const auto report = CheckStore(folder / "store");
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->problems.empty()) << report->problems.front();
  EXPECT_TRUE(report->notes.empty());
  EXPECT_EQ(report->events, 3);
  EXPECT_EQ(report->messages, 4);
  EXPECT_EQ(report->pictures, 6);
  EXPECT_EQ(report->picture_bytes,
            3 * (MadeJpeg("before ").size() + MadeJpeg("after ").size() + 2 * 26));
}

TEST(StoreFaultsTest, CheckNamesMissingAndDamagedPicturesAndStrangers) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  const ChangeEvent event = MadeEvent();
  Put(&store, event);
  const fs::path missing = PictureOf(folder / "store", MadeJpeg("before " + event.id));
  const fs::path damaged = PictureOf(folder / "store", MadeJpeg("after " + event.id));
  ASSERT_TRUE(fs::remove(missing));
  WriteFile(damaged, MadeJpeg("after another"));
  const fs::path orphan = PictureOf(folder / "store", MadeJpeg("orphan"));
  WriteFile(orphan, MadeJpeg("orphan"));
  WriteFile(folder / "store/pictures/notes.txt", "mine");

  const auto report = store.Check();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->problems.size(), 2);
  EXPECT_TRUE(Mentions(report->problems, missing.string() + " is missing"));
  EXPECT_TRUE(Mentions(report->problems, damaged.string() + " is damaged"));
  EXPECT_EQ(report->notes.size(), 2);
  EXPECT_TRUE(Mentions(report->notes, orphan.stem().string()));
  EXPECT_TRUE(Mentions(report->notes, "notes.txt"));
  EXPECT_EQ(store.ReadPicture(event.id, PictureRole::kReference).error().code(),
            StatusCode::kDataLoss);
  EXPECT_TRUE(fs::exists(orphan));
}

TEST(StoreFaultsTest, CheckFindsATruncatedDatabase) {
  TemporaryFolder folder;
  {
    EventStore store = NewStore(folder);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(store.Append(MadeEvent(i), "", ""));
  }
  const fs::path file = folder / "store/events.db";
  const auto size = fs::file_size(file);
  for (const auto kept : {size - 4096, size / 2, std::uintmax_t{4096}, std::uintmax_t{5000}}) {
    TemporaryFolder copy;
    fs::copy(folder / "store", copy / "store", fs::copy_options::recursive);
    fs::resize_file(copy / "store/events.db", kept);
    const auto report = CheckStore(copy / "store");
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_FALSE(report->problems.empty()) << kept << " of " << size;
    EXPECT_EQ(fs::file_size(copy / "store/events.db"), kept);
  }
}

// Seeded by position: a flipped bit in any page is found, or lies where SQLite keeps nothing.
TEST(StoreFaultsTest, ADatabaseWithFlippedBytesNeverCrashesAReader) {
  TemporaryFolder folder;
  {
    EventStore store = NewStore(folder);
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(store.Append(MadeEvent(i), "", ""));
  }
  const std::string good = ReadFile(folder / "store/events.db");
  int noticed = 0, tried = 0;
  for (std::size_t at = 101; at < good.size(); at += 1777, ++tried) {
    std::string bad = good;
    for (std::size_t i = at; i < std::min(at + 16, bad.size()); ++i)
      bad[i] = static_cast<char>(~bad[i]);
    WriteFile(folder / "store/events.db", bad);
    const Result<EventStore> store = EventStore::Open(folder / "store", OpenMode::kRead);
    bool failed = !store;
    if (store) {
      failed |= !store->Query({.words = "bottle"});
      failed |= !store->Query({});
      failed |= !store->ReplaySince(0, 1000);
      const auto report = store->Check();
      failed |= !report || !report->problems.empty();
    }
    noticed += failed ? 1 : 0;
  }
  std::printf("flipped bytes: noticed %d of %d\n", noticed, tried);
  EXPECT_GT(noticed, 0);
}

TEST(StoreFaultsTest, AReaderInAReadOnlyFolderReadsOrSaysThatItCannot) {
  TemporaryFolder folder;
  {
    EventStore store = NewStore(folder);
    Put(&store, MadeEvent());
  }
  ASSERT_EQ(::chmod((folder / "store").c_str(), 0555), 0);
  const Result<EventStore> store = EventStore::Open(folder / "store", OpenMode::kRead);
  if (store) {
    EXPECT_EQ(Found(*store).size(), 1);  // As root, whom permissions do not stop.
  } else {
    EXPECT_EQ(store.error().code(), StatusCode::kUnavailable) << store.error().message();
  }
  ASSERT_EQ(::chmod((folder / "store").c_str(), 0755), 0);
}

}  // namespace
}  // namespace stillwatch::store
