#include "model/checkpoint/checkpoint.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/checkpoint/write_safetensors.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Two shards: a and b in the first, c in the second.
class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    WriteShard("1.safetensors", {"a", "b"});
    WriteShard("2.safetensors", {"c"});
    WriteIndex(index_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void WriteShard(const char* file, std::initializer_list<const char*> names) {
    static constexpr std::byte kBytes[4] = {};
    std::vector<NamedTensor> tensors;
    for (const char* name : names) tensors.push_back({name, {Dtype::kU8, {2, 2}, kBytes}});
    ASSERT_TRUE(WriteSafetensors(folder_ / file, tensors).ok());
  }
  void WriteIndex(const json& index) {
    std::ofstream(folder_ / "model.safetensors.index.json") << index.dump();
  }
  void ExpectFailure(StatusCode code, std::string_view message) {
    const auto checkpoint = Checkpoint::Open(folder_);
    ASSERT_FALSE(checkpoint) << message;
    EXPECT_EQ(checkpoint.error().code(), code) << checkpoint.error().message();
    EXPECT_NE(checkpoint.error().message().find(message), std::string::npos)
        << checkpoint.error().message();
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  json index_ = {
      {"weight_map", {{"a", "1.safetensors"}, {"b", "1.safetensors"}, {"c", "2.safetensors"}}}};
};

TEST_F(CheckpointTest, JoinsShards) {
  auto checkpoint = Checkpoint::Open(folder_);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message();
  const Checkpoint moved = std::move(*checkpoint);
  EXPECT_EQ(moved.tensors().size(), 3U);
  EXPECT_EQ(moved.files().size(), 2U);
  ASSERT_NE(moved.Find("c"), nullptr);
  EXPECT_EQ(moved.Find("c")->bytes.size(), 4U);
}

TEST_F(CheckpointTest, PrefersTheSingleFileAndOpensAFileByItsPath) {
  WriteShard("model.safetensors", {"whole"});
  const auto folder = Checkpoint::Open(folder_);
  ASSERT_TRUE(folder);
  EXPECT_NE(folder->Find("whole"), nullptr);
  EXPECT_EQ(folder->tensors().size(), 1U);
  const auto file = Checkpoint::Open(folder_ / "2.safetensors");
  ASSERT_TRUE(file);
  EXPECT_NE(file->Find("c"), nullptr);
}

TEST_F(CheckpointTest, ChecksTheShapeThatIsAskedFor) {
  const auto checkpoint = Checkpoint::Open(folder_);
  ASSERT_TRUE(checkpoint);
  EXPECT_TRUE(checkpoint->Get("a", std::vector<std::int64_t>{2, 2}));
  const auto other = checkpoint->Get("a", std::vector<std::int64_t>{4});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), StatusCode::kDataLoss);
  EXPECT_EQ(other.error().message(),
            folder_.string() + ": tensor 'a' is U8 [2, 2], expected U8 [4]");
  const auto absent = checkpoint->Get("z", {});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), StatusCode::kNotFound);
}

TEST_F(CheckpointTest, RefusesAnIndexThatDisagreesWithTheShards) {
  index_["weight_map"]["d"] = "2.safetensors";
  WriteIndex(index_);
  ExpectFailure(StatusCode::kDataLoss,
                "2.safetensors: tensor 'd': model.safetensors.index.json "
                "says it is here, but it is not");
  index_["weight_map"].erase("d");
  index_["weight_map"].erase("b");
  WriteIndex(index_);
  ExpectFailure(StatusCode::kDataLoss,
                "1.safetensors: tensor 'b': model.safetensors.index.json "
                "does not list it");
  index_["weight_map"]["b"] = "2.safetensors";
  WriteIndex(index_);
  ExpectFailure(StatusCode::kDataLoss, "tensor 'b': model.safetensors.index.json says it is in 2");
}

TEST_F(CheckpointTest, RefusesAnIndexThatLeadsOutOfTheFolder) {
  for (const char* file : {"../1.safetensors", "/etc/passwd", "..", ".", ""}) {
    index_["weight_map"]["a"] = file;
    WriteIndex(index_);
    ExpectFailure(StatusCode::kDataLoss,
                  "weight_map.a: expected a file name without folder, found '");
  }
}

TEST_F(CheckpointTest, RefusesAnIndexOfAnotherForm) {
  WriteIndex(json::array());
  ExpectFailure(StatusCode::kDataLoss, "weight_map: expected an object");
  WriteIndex({{"weight_map", {{"a", 1}}}});
  ExpectFailure(StatusCode::kDataLoss, "weight_map.a: expected a file name");
  std::ofstream(folder_ / "model.safetensors.index.json") << "{\"weight_map\": ";
  ExpectFailure(StatusCode::kDataLoss, "index.json: no valid JSON at byte");
}

TEST_F(CheckpointTest, SaysWhatIsMissing) {
  fs::remove(folder_ / "2.safetensors");
  ExpectFailure(StatusCode::kNotFound, "2.safetensors");
  fs::remove(folder_ / "model.safetensors.index.json");
  ExpectFailure(StatusCode::kNotFound,
                "holds neither model.safetensors nor model.safetensors.index.json");
}

}  // namespace
}  // namespace stillwatch::model
