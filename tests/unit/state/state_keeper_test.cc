#include "pipeline/state/state_keeper.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "pipeline/core/durable_file.h"
#include "tests/unit/select/studio.h"

namespace stillwatch::state {
namespace {

namespace fs = std::filesystem;
using select::PairPolicy;
using select::PairSelector;
using select::Studio;

const PairPolicy kPolicy{.interval = std::chrono::milliseconds(250),
                         .settle = std::chrono::milliseconds(1000),
                         .await_acknowledgement = true};

class StateKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / (std::string("stillwatch-state-") +
                                     testing::UnitTest::GetInstance()->current_test_info()->name() +
                                     "." + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

TEST_F(StateKeeperTest, KeepsTheSceneOverARestart) {
  cv::Mat with = Studio::Room();
  Studio::DrawBox(with, {180, 150, 44, 52}, {180, 50, 40});
  Studio before(kPolicy);
  auto keeper = StateKeeper::Open(Path("door"), &before.selector());
  ASSERT_TRUE(keeper) << keeper.error().message();
  EXPECT_FALSE(keeper->resumed_at());
  before.Show(Studio::Room(), 3);
  before.Show(with, 3);
  ASSERT_EQ(before.selected.size(), 1u);
  ASSERT_TRUE(keeper->Save().ok());

  Studio after(kPolicy);
  auto again = StateKeeper::Open(Path("door"), &after.selector());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->note(), "");
  // The sample at which the change was told: what came after it is looked at again.
  EXPECT_GE(again->resumed_at(), before.selected[0].current->captured_at);
  EXPECT_LT(again->resumed_at(), before.selector().last_sample());
  after.StartAt(before.Now() + std::chrono::milliseconds(700));
  after.Show(with, 3);
  ASSERT_EQ(after.selected.size(), 1u);
  EXPECT_EQ(after.selected[0].event_id, before.selected[0].event_id);
}

TEST_F(StateKeeperTest, SavesOnceAMinuteOfCaptureTime) {
  Studio studio(kPolicy);
  auto keeper = StateKeeper::Open(Path("door"), &studio.selector()).value();
  studio.Show(Studio::Room(), 1);
  ASSERT_TRUE(keeper.SaveIfDue().ok());  // The first one: there was no scene before.
  const std::string first = ReadWhole(Path("door"), 1 << 30).value();
  studio.Show(Studio::Room(), 50);
  ASSERT_TRUE(keeper.SaveIfDue().ok());
  EXPECT_EQ(ReadWhole(Path("door"), 1 << 30).value(), first);
  studio.Show(Studio::Room(), 15);
  ASSERT_TRUE(keeper.SaveIfDue().ok());
  EXPECT_NE(ReadWhole(Path("door"), 1 << 30).value(), first);
}

TEST_F(StateKeeperTest, PutsAnUnusableStateAsideAndSaysSo) {
  std::ofstream(Path("door")) << "not a state";
  Studio studio(kPolicy);
  const auto keeper = StateKeeper::Open(Path("door"), &studio.selector());
  ASSERT_TRUE(keeper) << keeper.error().message();
  EXPECT_NE(keeper->note().find("not a selector's state"), std::string::npos) << keeper->note();
  EXPECT_EQ(ReadWhole(Path("door.unusable"), 100).value(), "not a state");
  EXPECT_TRUE(fs::exists(Path("door")));
}

TEST_F(StateKeeperTest, SaysAtTheStartThatItCannotWrite) {
  Studio studio(kPolicy);
  const auto keeper = StateKeeper::Open(Path("nowhere/door"), &studio.selector());
  ASSERT_FALSE(keeper);
  EXPECT_EQ(keeper.error().code(), StatusCode::kUnavailable);
  EXPECT_NE(keeper.error().message().find("nowhere/door"), std::string::npos);
  const auto folder = StateKeeper::Open(folder_.string(), &studio.selector());
  EXPECT_FALSE(folder);
}

TEST_F(StateKeeperTest, AFailedWriteLeavesTheOldFile) {
  ASSERT_TRUE(WriteDurably(Path("file"), "old").ok());
  fs::create_directories(Path("file.new"));  // Nothing can be written there.
  const Status status = WriteDurably(Path("file"), "new");
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(status.message().find("file.new"), std::string::npos) << status.message();
  EXPECT_EQ(ReadWhole(Path("file"), 100).value(), "old");
  EXPECT_EQ(ReadWhole(Path("file"), 2).error().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadWhole(Path("absent"), 2).error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace stillwatch::state
