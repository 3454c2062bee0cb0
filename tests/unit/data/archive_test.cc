#include "model/data/archive.h"

#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

constexpr const char* kLibrary = "/usr/share/sweethome3d/furniture/KatorLegaz.sh3f";

TEST(ArchiveTest, NamesTheArchiveThatIsNotThere) {
  const auto archive = Archive::Open("/nowhere/none.sh3f");
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code(), StatusCode::kNotFound);
  EXPECT_NE(archive.error().message().find("none.sh3f"), std::string::npos);
}

TEST(ArchiveTest, RefusesWhatIsNoZip) {
  const TemporaryFolder folder;
  WriteText(folder.path() / "bad.sh3f", "not a zip at all");
  const auto archive = Archive::Open(folder.path() / "bad.sh3f");
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code(), StatusCode::kDataLoss);
}

TEST(ArchiveTest, ReadsAnEntryAndItsFolder) {
  if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << kLibrary << " is not installed";
  auto archive = Archive::Open(kLibrary);
  ASSERT_TRUE(archive) << archive.error().message();
  const std::string name = "katorlegaz/spray-bottle/spray-bottle.obj";
  const auto bytes = archive->Read(name);
  ASSERT_TRUE(bytes) << bytes.error().message();
  EXPECT_GT(bytes->size(), 10000U);
  const auto files = archive->ReadFolderOf(name);
  ASSERT_TRUE(files);
  EXPECT_EQ(files->at(name), *bytes);
  EXPECT_TRUE(files->contains("katorlegaz/spray-bottle/spray-bottle.mtl"));
  const auto none = archive->Read("katorlegaz/none.obj");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), StatusCode::kNotFound);
}

TEST(ArchiveTest, ReportsAnArchiveCutShort) {
  if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << kLibrary << " is not installed";
  const TemporaryFolder folder;
  WriteText(folder.path() / "cut.sh3f", ReadText(kLibrary).substr(0, 2000000));
  const auto archive = Archive::Open(folder.path() / "cut.sh3f");
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace stillwatch::data
