#include "model/data/dataset.h"

#include <algorithm>

#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

Pair Numbered(std::uint64_t id) {
  Pair pair;
  pair.id = id;
  pair.captions = {"pair " + std::to_string(id)};
  pair.split = "train";
  pair.pixels.assign(2UL * kPairSize_px * kPairSize_px * 3, static_cast<std::uint8_t>(id));
  return pair;
}

constexpr std::uintmax_t kPairBytes = 2UL * kPairSize_px * kPairSize_px * 3;

TEST(DatasetTest, CountsOnlyWhatWasCommitted) {
  const TemporaryFolder folder;
  {
    auto writer = DatasetWriter::Open(folder.path(), "a");
    ASSERT_TRUE(writer) << writer.error().message();
    ASSERT_TRUE(writer->Append(Numbered(0)).ok());
    ASSERT_TRUE(writer->Append(Numbered(1)).ok());
    ASSERT_TRUE(writer->Commit().ok());
    ASSERT_TRUE(writer->Append(Numbered(2)).ok());  // The program ends here.
  }
  EXPECT_NE(ReadText(folder.path() / "manifest.json").find("\"count\": 2"), std::string::npos);
  auto writer = DatasetWriter::Open(folder.path(), "a");
  ASSERT_TRUE(writer) << writer.error().message();
  EXPECT_EQ(writer->count(), 2U);
  ASSERT_TRUE(writer->Append(Numbered(2)).ok());
  ASSERT_TRUE(writer->Commit().ok());
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "pictures.u8"), 3 * kPairBytes);
  const std::string pictures = ReadText(folder.path() / "pictures.u8");
  EXPECT_EQ(pictures[2 * kPairBytes], 2);
  const std::string lines = ReadText(folder.path() / "pairs.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
}

TEST(DatasetTest, KeepsPairsOfOneOriginOnly) {
  const TemporaryFolder folder;
  {
    auto writer = DatasetWriter::Open(folder.path(), "seed 1");
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->Append(Numbered(0)).ok());
    ASSERT_TRUE(writer->Commit().ok());
  }
  const auto other = DatasetWriter::Open(folder.path(), "seed 2");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(other.error().message().find("seed 1"), std::string::npos);
}

TEST(DatasetTest, RefusesAPairOutOfTurn) {
  const TemporaryFolder folder;
  auto writer = DatasetWriter::Open(folder.path(), "a");
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->Append(Numbered(1)).ok());
  Pair thin = Numbered(0);
  thin.pixels.pop_back();
  EXPECT_FALSE(writer->Append(thin).ok());
}

TEST(DatasetTest, ReportsFilesShorterThanTheManifest) {
  for (const char* name : {"pictures.u8", "pairs.jsonl"}) {
    const TemporaryFolder folder;
    {
      auto writer = DatasetWriter::Open(folder.path(), "a");
      ASSERT_TRUE(writer);
      ASSERT_TRUE(writer->Append(Numbered(0)).ok());
      ASSERT_TRUE(writer->Commit().ok());
    }
    std::filesystem::resize_file(folder.path() / name, 10);
    const auto writer = DatasetWriter::Open(folder.path(), "a");
    ASSERT_FALSE(writer) << name;
    EXPECT_EQ(writer.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(writer.error().message().find(name), std::string::npos);
  }
}

TEST(DatasetTest, ReportsAManifestThatIsNoJson) {
  const TemporaryFolder folder;
  WriteText(folder.path() / "manifest.json", "{\"version\": 1, ");
  const auto writer = DatasetWriter::Open(folder.path(), "a");
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace stillwatch::data
