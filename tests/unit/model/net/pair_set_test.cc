#include "model/train/pair_set.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "model/m3diff/config.h"
#include "tests/unit/model/net/made_pairs.h"

namespace stillwatch::model {
namespace {

TEST(PairSetTest, ReadsPairsAndPictures) {
  const auto folder = TestFolder();
  MakePairs(folder, 12);
  const auto set = PairSet::Open(folder.string());
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(set->size(), kMadeSize);
  ASSERT_EQ(set->count(), 12);
  EXPECT_EQ(set->pair(0).id, "0");
  EXPECT_EQ(set->pair(0).kind, 0);
  EXPECT_EQ(set->pair(2).kind, kSameKind);
  EXPECT_FALSE(set->pair(2).changed);
  EXPECT_EQ(set->pair(1).captions, std::vector<std::string>{"abc is gone"});
  EXPECT_FLOAT_EQ(set->pair(1).crop[2], 0.5F);
  EXPECT_EQ(set->Indices(Split::kVal), (std::vector<std::int64_t>{3, 7, 11}));
  // Pair 1 is a removal: its square is in the reference.
  const std::size_t red = (20 * kMadeSize + 20) * 3;
  EXPECT_EQ(std::to_integer<int>(set->Reference(1)[red]), 230);
  EXPECT_EQ(std::to_integer<int>(set->Current(1)[red]), 91);
}

TEST(PairSetTest, SeesWhatWasAddedSince) {
  const auto folder = TestFolder();
  MakePairs(folder, 8);
  auto set = PairSet::Open(folder.string());
  ASSERT_TRUE(set);
  MakePairs(folder, 20);
  ASSERT_TRUE(set->Refresh().ok());
  EXPECT_EQ(set->count(), 20);
  EXPECT_EQ(set->Current(19).size(), std::size_t{kMadeSize * kMadeSize * 3});
}

// Replaces line 2 of a good set and returns the failure's message.
std::string FailureWithLine(const std::string& line) {
  const auto folder = TestFolder();
  MakePairs(folder, 2);
  std::ifstream in(folder / "pairs.jsonl");
  std::string first;
  std::getline(in, first);
  WriteText(folder / "pairs.jsonl", first + "\n" + line + "\n");
  const auto set = PairSet::Open(folder.string());
  return set ? "" : set.error().message();
}

TEST(PairSetTest, NamesFileLineAndFieldOfABadPair) {
  const std::string good =
      R"({"id":"b","kind":"same","changed":false,"captions":["x"],"crop":[0,0,1,1],)"
      R"("region":[0,0,0,0],"split":"train"})";
  EXPECT_EQ(FailureWithLine(good), "");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string line = good;
    return line.replace(line.find(from), from.size(), to);
  };
  const std::pair<std::string, const char*> cases[] = {
      {"not json", "not a JSON object"},
      {with(R"("b")", "[]"), "id: wanted"},
      {with("same", "vanished"), "kind: wanted"},
      {with("same", "viewpoint"), "kind: wanted"},
      {with("false", "true"), "changed: does not fit"},
      {with(R"(["x"])", "[]"), "captions: wanted"},
      {with(R"(["x"])", "[7]"), "captions: wanted"},
      {with("[0,0,1,1]", "[0,0,1]"), "crop: wanted"},
      {with("[0,0,1,1]", "[0,0,1e9,1]"), "crop: wanted"},
      {with("[0,0,0,0]", "[0,null,0,0]"), "region: wanted"},
      {with("train", "practice"), "split: wanted"},
  };
  for (const auto& [line, wanted] : cases) {
    const std::string message = FailureWithLine(line);
    EXPECT_NE(message.find(wanted), std::string::npos) << line << " -> " << message;
    EXPECT_NE(message.find("pairs.jsonl:2"), std::string::npos) << message;
  }
}

TEST(PairSetTest, RefusesFoldersThatDoNotHoldWhatTheManifestSays) {
  const auto folder = TestFolder();
  EXPECT_EQ(PairSet::Open((folder / "none").string()).error().code(), StatusCode::kNotFound);
  MakePairs(folder, 4);
  std::filesystem::resize_file(folder / "pictures.u8", 1000);
  const auto truncated = PairSet::Open(folder.string());
  ASSERT_FALSE(truncated);
  EXPECT_EQ(truncated.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(truncated.error().message().find("pictures.u8"), std::string::npos);
  for (const char* manifest :
       {"", "{}", R"({"version":2,"size":64,"count":1})", R"({"version":1,"size":0,"count":1})",
        R"({"version":1,"size":64,"count":-1})", R"({"version":1,"size":64,"count":99})"}) {
    MakePairs(folder, 4);
    WriteText(folder / "manifest.json", manifest);
    EXPECT_FALSE(PairSet::Open(folder.string())) << manifest;
  }
}

}  // namespace
}  // namespace stillwatch::model
