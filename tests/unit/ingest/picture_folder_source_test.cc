#include "pipeline/ingest/picture_folder_source.h"

#include "tests/unit/ingest/clips.h"

namespace stillwatch::ingest {
namespace {

using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class PictureFolderSourceTest : public IngestTest {
 protected:
  Status WhyNot(const IngestOptions& options = {}) const {
    const auto source = PictureFolderSource::Open(folder_.string(), options);
    EXPECT_FALSE(source);
    return source ? Status() : source.error();
  }
};

TEST_F(PictureFolderSourceTest, ReadsPicturesInNaturalOrderAtTheGivenInterval) {
  for (const int i : {1, 2, 10, 9}) Picture("view_" + std::to_string(i) + ".png", i * 10);
  Write(Path("notes.txt"), "no picture");
  Write(Path("._view_3.png"), "a leftover");
  const TimePoint start = ParseTime("2026-01-01T08:00:00Z").value();
  const auto source = PictureFolderSource::Open(
      folder_.string(), {.camera = "yard", .start = start, .frame_interval = minutes(5)});
  ASSERT_TRUE(source) << source.error().message();
  EXPECT_EQ((*source)->info().frames, 4);
  EXPECT_EQ((*source)->info().width, 64);
  EXPECT_EQ((*source)->info().duration, nanoseconds(minutes(15)));
  const Everything all = ReadAll(**source);
  EXPECT_TRUE(all.end.ok());
  ASSERT_EQ(all.frames.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all.frames[i]->rgb[0], (std::vector<int>{10, 20, 90, 100})[i]);
    EXPECT_EQ(all.frames[i]->index, static_cast<std::int64_t>(i));
    EXPECT_EQ(all.frames[i]->captured_at, start + minutes(5) * static_cast<int>(i));
    EXPECT_EQ(all.frames[i]->camera, "yard");
  }
  EXPECT_DOUBLE_EQ(all.progress.fraction, 1);
}

TEST_F(PictureFolderSourceTest, ReadsTimesFromTheNames) {
  Picture("1366031101.jpg", 20);
  Picture("1366030801.jpg", 10);
  const auto source = PictureFolderSource::Open(folder_.string(), {});
  ASSERT_TRUE(source) << source.error().message();
  EXPECT_EQ((*source)->info().start, TimePoint(seconds(1366030801)));
  const Everything all = ReadAll(**source);
  ASSERT_EQ(all.frames.size(), 2u);
  EXPECT_EQ(all.frames[0]->captured_at, TimePoint(seconds(1366030801)));
  EXPECT_EQ(all.frames[1]->captured_at, TimePoint(seconds(1366031101)));
  EXPECT_EQ(all.frames[1]->pts, nanoseconds(seconds(300)));
}

TEST_F(PictureFolderSourceTest, ThinsPicturesThatLieCloserThanTheInterval) {
  for (int i = 0; i < 10; ++i) Picture(std::to_string(i) + ".png", i);
  const auto source = PictureFolderSource::Open(
      folder_.string(), {.interval = seconds(3), .frame_interval = seconds(1)});
  ASSERT_TRUE(source);
  EXPECT_EQ(Indices(ReadAll(**source).frames), (std::vector<std::int64_t>{0, 3, 6, 9}));
}

TEST_F(PictureFolderSourceTest, SkipsCountsAndNamesPicturesThatCannotBeRead) {
  for (int i = 1; i <= 4; ++i) Picture(std::to_string(i) + ".jpg", 90, 320, 240);
  Write(Path("2.jpg"), "no picture");
  const std::string whole = Bytes(Path("3.jpg"));
  Write(Path("3.jpg"), whole.substr(0, whole.size() - 40));
  const auto source = PictureFolderSource::Open(folder_.string(), {.frame_interval = minutes(5)});
  ASSERT_TRUE(source);
  const Everything all = ReadAll(**source);
  EXPECT_TRUE(all.end.ok());
  EXPECT_EQ(Indices(all.frames), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(all.progress.skipped, 2);
  ASSERT_EQ(all.warnings.size(), 2u);
  EXPECT_NE(all.warnings[0].find("2.jpg: not a picture"), std::string::npos) << all.warnings[0];
  EXPECT_NE(all.warnings[1].find("3.jpg: the picture is cut off"), std::string::npos);
}

TEST_F(PictureFolderSourceTest, ListsOnlyTheFirstOfManyBadPicturesByName) {
  Picture("0.jpg", 90);
  for (int i = 1; i <= 12; ++i) Write(Path(std::to_string(i) + ".jpg"), "no picture");
  const auto source = PictureFolderSource::Open(folder_.string(), {.frame_interval = minutes(5)});
  ASSERT_TRUE(source);
  const Everything all = ReadAll(**source);
  EXPECT_EQ(all.progress.skipped, 12);
  ASSERT_EQ(all.warnings.size(), 9u);
  EXPECT_NE(all.warnings.back().find("and 4 more"), std::string::npos) << all.warnings.back();
}

TEST_F(PictureFolderSourceTest, NamesTheFirstPictureOfAnotherSizeAndBothSizes) {
  Picture("1.png", 1);
  Picture("2.png", 2);
  Picture("3.png", 3, 32, 24);
  const auto source = PictureFolderSource::Open(folder_.string(), {.frame_interval = minutes(5)});
  ASSERT_TRUE(source);
  const Everything all = ReadAll(**source);
  EXPECT_EQ(all.frames.size(), 2u);
  EXPECT_EQ(all.end.code(), StatusCode::kInvalidArgument);
  for (const char* part : {"3.png", "32x24", "'1.png'", "64x48"}) {
    EXPECT_NE(all.end.message().find(part), std::string::npos) << all.end.message();
  }
}

TEST_F(PictureFolderSourceTest, AsksForTheIntervalWhereNamesTellNoTime) {
  Picture("1366030801.jpg", 1);
  Picture("door.jpg", 1);
  const Status status = WhyNot();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("door.jpg"), std::string::npos);
  EXPECT_NE(status.message().find("--frame-interval"), std::string::npos);
}

TEST_F(PictureFolderSourceTest, RefusesAFolderWithoutPicturesAndOneThatIsNotThere) {
  Write(Path("notes.txt"), "no picture");
  EXPECT_EQ(WhyNot().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(WhyNot().message().find("no pictures"), std::string::npos);
  const auto missing = OpenFrameSource(Path("missing"), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), StatusCode::kNotFound);
}

TEST_F(PictureFolderSourceTest, AFolderOfDamagedPicturesIsNoSource) {
  Write(Path("1.jpg"), "no picture");
  const Status status = WhyNot({.frame_interval = minutes(5)});
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("1.jpg"), std::string::npos) << status.message();
}

TEST_F(PictureFolderSourceTest, StopEndsNext) {
  Picture("1.png", 1);
  Picture("2.png", 1);
  const auto source = OpenFrameSource(folder_.string(), {.frame_interval = minutes(5)});
  ASSERT_TRUE(source);
  (*source)->Stop();
  const auto next = (*source)->Next();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), StatusCode::kCancelled);
}

TEST_F(PictureFolderSourceTest, ReadsTheCarParkOfTheSharedFootage) {
  const std::string folder = Shared("footage/pklot_morning");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no footage at " << folder;
  const auto source = OpenFrameSource(folder, {});
  ASSERT_TRUE(source) << source.error().message();
  const Everything all = ReadAll(**source);
  EXPECT_TRUE(all.end.ok()) << all.end.message();
  EXPECT_EQ(all.frames.size(), 59u);
  EXPECT_EQ(all.progress.skipped, 0);
}

}  // namespace
}  // namespace stillwatch::ingest
