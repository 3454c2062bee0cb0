#include "storage/store/store_copy.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/storage/made_store.h"

namespace stillwatch::store {
namespace {

namespace fs = std::filesystem;

TEST(StoreCopyTest, ACopyIsAWholeStoreOfTheSameInstallation) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  for (int i = 0; i < 100; ++i) Put(&store, MadeEvent(i));
  ASSERT_TRUE(store.UpdateCaption({.id = MadeEvent(5).id, .caption = "a ladder"}));

  for (const char* name : {"backup", "backup.db"}) {  // A folder, and a file with its pictures.
    const auto copied = CopyStore(folder / "store", folder / name);
    ASSERT_TRUE(copied) << copied.error().message();
    EXPECT_EQ(copied->events, 100);
    EXPECT_EQ(copied->messages, 101);
    EXPECT_EQ(copied->pictures, 200);
    EXPECT_TRUE(copied->problems.empty());

    const auto checked = CheckStore(folder / name);
    ASSERT_TRUE(checked) << checked.error().message();
    EXPECT_TRUE(checked->problems.empty() && checked->notes.empty());
    Result<EventStore> copy = EventStore::Open(folder / name, OpenMode::kWrite);
    ASSERT_TRUE(copy) << copy.error().message();
    EXPECT_EQ(copy->source(), store.source());
    EXPECT_EQ(Found(*copy, {.words = "ladder"}).size(), 1);
    EXPECT_EQ(Put(&*copy, MadeEvent(100)).seq, 102);  // It goes on from there.
  }
  EXPECT_EQ(store.LastSeq(), 101);
}

TEST(StoreCopyTest, NothingIsOverwritten) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent());
  ASSERT_TRUE(CopyStore(folder / "store", folder / "backup"));
  EXPECT_EQ(CopyStore(folder / "store", folder / "backup").error().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CopyStore(folder / "store", folder / "store").error().code(),
            StatusCode::kInvalidArgument);
  std::ofstream(folder / "x.db") << "mine";
  EXPECT_EQ(CopyStore(folder / "store", folder / "x.db").error().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CopyStore(folder / "nowhere", folder / "y").error().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(fs::exists(folder / "y"));
}

TEST(StoreCopyTest, ADamagedPictureIsNamedAndTheRestIsCopied) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent());
  const fs::path day = folder / "store/pictures/2026-01-01";
  const fs::path victim = fs::directory_iterator(day)->path();
  std::ofstream(victim) << "damage";
  const auto copied = CopyStore(folder / "store", folder / "backup");
  ASSERT_TRUE(copied) << copied.error().message();
  ASSERT_EQ(copied->problems.size(), 1);
  EXPECT_NE(copied->problems[0].find(victim.string()), std::string::npos);
  EXPECT_EQ(copied->pictures, 1);
  EXPECT_EQ(copied->events, 1);
}

TEST(StoreCopyTest, ACopyWhileTheWriterWritesIsOfOneMoment) {
  TemporaryFolder folder;
  EventStore store = NewStore(folder);
  Put(&store, MadeEvent(0));
  std::atomic<bool> written = false;
  std::jthread writing([&] {
    for (int i = 1; i < 60; ++i) Put(&store, MadeEvent(i));
    written = true;
  });
  for (int i = 0; !written || i == 0; ++i) {
    const fs::path to = folder / ("backup" + std::to_string(i));
    const auto copied = CopyStore(folder / "store", to);
    ASSERT_TRUE(copied) << copied.error().message();
    EXPECT_TRUE(copied->problems.empty());
    EXPECT_EQ(copied->pictures, 2 * copied->events);
    EXPECT_TRUE(CheckStore(to)->problems.empty());
  }
}

}  // namespace
}  // namespace stillwatch::store
