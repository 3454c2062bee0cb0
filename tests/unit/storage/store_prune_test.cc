#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "storage/store/event_store.h"
#include "tests/unit/storage/made_store.h"

namespace stillwatch::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kDay = 24h;

// Five closed events, a day apart, and one that is open, older than all.
class StorePruneTest : public testing::Test {
 protected:
  StorePruneTest() {
    Put(&store_, MadeEvent(-86'400));
    for (int day = 0; day < 5; ++day) {
      ChangeEvent event = Closed(day);
      event.type = EventType::kChangeDetected;
      Put(&store_, event);
      Put(&store_, Closed(day));
    }
  }
  static ChangeEvent Closed(int day) {
    ChangeEvent event = MadeEvent(86'400 * day);
    event.type = EventType::kChangeResolved;
    return event;
  }
  PruneReport Pruned(const PrunePolicy& policy) {
    const Result<PruneReport> report = store_.Prune(policy, now_);
    EXPECT_TRUE(report) << report.error().message();
    return report.value_or(PruneReport{});
  }
  void ExpectHealthy() {
    const auto report = store_.Check();
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    EXPECT_TRUE(report->notes.empty()) << report->notes.front();
  }

  TemporaryFolder folder_;
  EventStore store_ = NewStore(folder_);
  TimePoint now_ = MadeEvent(86'400 * 5).time;
};

TEST_F(StorePruneTest, WithoutLimitsNothingGoes) {
  const PruneReport report = Pruned({});
  EXPECT_EQ(report.events + report.pictures + report.quarantined.size(), 0);
  EXPECT_EQ(Found(store_).size(), 6);
}

TEST_F(StorePruneTest, OldClosedEventsGoWithTheirPicturesAndOpenOnesStay) {
  const PruneReport report = Pruned({.events = 3 * kDay});
  EXPECT_EQ(report.events, 2);
  EXPECT_EQ(report.pictures, 4);
  EXPECT_GT(report.picture_bytes, 0);
  EXPECT_TRUE(report.quarantined.empty());
  EXPECT_EQ(Found(store_).size(), 4);
  EXPECT_EQ(Found(store_, {.words = "bottle"}).size(), 4);
  EXPECT_TRUE(store_.Get(MadeEvent(-86'400).id));
  EXPECT_EQ(store_.Get(Closed(0).id).error().code(), StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder_ / "store/pictures/2026-01-01"));  // Empty: gone.
  EXPECT_TRUE(fs::exists(folder_ / "store/pictures/2026-01-03"));
  EXPECT_EQ(Put(&store_, MadeEvent(9)).seq, 12);  // No seq is used again.
  ExpectHealthy();
}

TEST_F(StorePruneTest, OldPicturesGoAndTheirEventsStay) {
  EXPECT_EQ(Pruned({.pictures = 3 * kDay}).pictures, 4);
  EXPECT_EQ(Found(store_).size(), 6);
  EXPECT_EQ(store_.ReadPicture(Closed(0).id, PictureRole::kCurrent).error().code(),
            StatusCode::kNotFound);
  EXPECT_TRUE(store_.ReadPicture(Closed(4).id, PictureRole::kCurrent));
  ExpectHealthy();
}

TEST_F(StorePruneTest, BeyondTheBytesTheOldestPicturesGoFirstButNotThoseOfOpenEvents) {
  const std::uint64_t all = store_.Check()->picture_bytes;
  Pruned({.max_picture_bytes = all});
  EXPECT_EQ(store_.Check()->pictures, 12);
  Pruned({.max_picture_bytes = 1});
  EXPECT_EQ(store_.Check()->pictures, 2);
  EXPECT_TRUE(store_.ReadPicture(MadeEvent(-86'400).id, PictureRole::kCurrent));
  ExpectHealthy();
}

TEST_F(StorePruneTest, FilesThatNobodyOwnsArePutAsideAndNotDeleted) {
  const fs::path stranger = folder_ / "store/pictures/2026-01-02/stranger.jpg";
  std::ofstream(stranger) << "mine";
  const PruneReport report = Pruned({});
  ASSERT_EQ(report.quarantined, std::vector{stranger.string()});
  EXPECT_FALSE(fs::exists(stranger));
  EXPECT_TRUE(fs::exists(folder_ / "store/pictures/quarantine/2026-01-02_stranger.jpg"));
  EXPECT_TRUE(Pruned({}).quarantined.empty());
  ExpectHealthy();
}

TEST_F(StorePruneTest, ADamagedDatabaseDeletesNothing) {
  {
    // Damage that opening does not see: an index that lacks its rows.
    SQLite::Database database((folder_ / "store/events.db").string(), SQLite::OPEN_READWRITE);
    database.exec(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT "
        "rootpage FROM sqlite_master WHERE name = 'meta') WHERE name = 'pictures'");
  }
  EventStore store = EventStore::Open(folder_ / "store", OpenMode::kWrite).value();
  EXPECT_EQ(store.Prune({.events = 0s}, now_).error().code(), StatusCode::kDataLoss);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "store/pictures")) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 12);
}

TEST_F(StorePruneTest, AMissingPictureFolderForgetsNothing) {
  fs::rename(folder_ / "store/pictures", folder_ / "aside");
  EXPECT_EQ(store_.Prune({.events = 0s}, now_).error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Found(store_).size(), 6);
  EXPECT_FALSE(fs::exists(folder_ / "store/pictures"));
}

}  // namespace
}  // namespace stillwatch::store
