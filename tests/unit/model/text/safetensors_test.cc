#include "model/checkpoint/safetensors.h"

#include <cstring>
#include <fstream>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

std::string Bytes(std::string_view header, std::size_t data_bytes) {
  std::string file;
  for (std::size_t i = 0; i < 8; ++i) {
    file.push_back(static_cast<char>(header.size() >> (8 * i) & 0xff));
  }
  file += header;
  for (std::size_t i = 0; i < data_bytes; ++i) file.push_back(static_cast<char>(i));
  return file;
}

Result<SafetensorsContent> Parse(std::string_view file) {
  return ParseSafetensors(std::as_bytes(std::span(file)), "w.safetensors");
}

TEST(SafetensorsTest, FindsTensorsAndMetadata) {
  const std::string file = Bytes(R"({"__metadata__": {"format": "pt"},
      "b": {"dtype": "F32", "shape": [2, 1], "data_offsets": [2, 10]},
      "a": {"dtype": "BF16", "shape": [], "data_offsets": [0, 2]},
      "none": {"dtype": "I64", "shape": [3, 0], "data_offsets": [10, 10]}}   )",
                                 10);
  const auto content = Parse(file);
  ASSERT_TRUE(content) << content.error().message();
  EXPECT_EQ(content->metadata.at("format"), "pt");
  ASSERT_EQ(content->tensors.size(), 3U);
  const TensorView& b = content->tensors.at("b");
  EXPECT_EQ(Describe(b.dtype, b.shape), "F32 [2, 1]");
  ASSERT_EQ(b.bytes.size(), 8U);
  EXPECT_EQ(b.bytes[0], std::byte{2});
  EXPECT_TRUE(content->tensors.at("a").shape.empty());
  EXPECT_TRUE(content->tensors.at("none").bytes.empty());
}

TEST(SafetensorsTest, KnowsEveryDtypeByNameAndSize) {
  const std::size_t sizes[] = {8, 4, 2, 2, 8, 4, 2, 1, 1, 1, 1};
  for (int i = 0; i < kDtypeCount; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    EXPECT_EQ(ParseDtype(Name(dtype)), dtype);
    EXPECT_EQ(ByteSize(dtype), sizes[i]) << Name(dtype);
  }
  EXPECT_EQ(ParseDtype("F4"), std::nullopt);
}

TEST(SafetensorsTest, NamesTheTensorAndWhatWasExpected) {
  struct Row {
    const char* header;
    std::size_t data_bytes;
    const char* message;
  };
  const Row rows[] = {
      {R"({"a": 3})", 0, "tensor 'a': expected an object with dtype, shape and data_offsets"},
      {R"({"a": {"shape": [1], "data_offsets": [0, 4]}})", 4, "tensor 'a': dtype: expected a text"},
      {R"({"a": {"dtype": "F7", "shape": [1], "data_offsets": [0, 4]}})", 4,
       "tensor 'a': dtype: 'F7' is not known; expected one of F64"},
      {R"({"a": {"dtype": "F32", "data_offsets": [0, 4]}})", 4, "tensor 'a': shape: expected"},
      {R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})", 4,
       "shape: expected whole numbers from 0, found -1"},
      {R"({"a": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}})", 4, "found 1.5"},
      {R"({"a": {"dtype": "F32", "shape": [18446744073709551615], "data_offsets": [0, 4]}})", 4,
       "found 18446744073709551615"},
      {R"({"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1], "data_offsets": [0, 4]}})", 4,
       "at most 8 sizes"},
      // 2^32 * 2^32 = 2^64 would wrap to 0.
      {R"({"a": {"dtype": "U8", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}})", 0,
       "tensor 'a': U8 [4294967296, 4294967296] has more bytes than 63 bits"},
      // 2^61 * 8 bytes likewise.
      {R"({"a": {"dtype": "F64", "shape": [2305843009213693952], "data_offsets": [0, 0]}})", 0,
       "more bytes than 63 bits"},
      {R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})", 4,
       "tensor 'a': F32 [2] takes 8 bytes, data_offsets hold 4"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}})", 4,
       "is before the begin"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4]}})", 4,
       "data_offsets: expected [begin, end]"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}})", 4, "data_offsets"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "x": 1}})", 4,
       "tensor 'a': unknown key 'x'"},
      {R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 4,
       "tensor 'a': data_offsets [0, 8] leave the file, which has 4 bytes of data: truncated?"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", 8,
       "tensor 'a': data_offsets [4, 8] leave a gap after byte 0"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", 5,
       "the tensors end at byte 4 of 5 bytes of data"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
           "b": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}})",
       6, "tensor 'b': data_offsets [2, 6] overlap the tensor before, which ends at 4"},
      {R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
           "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})",
       4, "header: key 'a' stands twice in one object"},
      {R"({"a": [[[[1]]]]})", 0, "header: nested deeper than 4"},
      {R"({"__metadata__": {"n": 1}})", 0, "__metadata__.n: expected a text"},
      {R"({"__metadata__": []})", 0, "__metadata__: expected an object"},
      {R"({"a": )", 0, "header: no valid JSON at byte"},
      {R"([])", 0, "header: expected a JSON object"},
      {"{\"\xFF\": 1}", 0, "header: no valid JSON at byte"},
      {"", 0, "header: expected a JSON object"},
  };
  for (const Row& row : rows) {
    const auto content = Parse(Bytes(row.header, row.data_bytes));
    ASSERT_FALSE(content) << row.header;
    EXPECT_EQ(content.error().code(), StatusCode::kDataLoss) << row.header;
    EXPECT_TRUE(content.error().message().starts_with("w.safetensors: ")) << row.header;
    EXPECT_NE(content.error().message().find(row.message), std::string::npos)
        << content.error().message();
  }
}

TEST(SafetensorsTest, RefusesHeaderLengthsThatDoNotFit) {
  EXPECT_FALSE(Parse(""));
  EXPECT_FALSE(Parse("\1\0\0\0"));
  std::string file = Bytes("{}", 0);
  EXPECT_TRUE(Parse(file));
  file[0] = 3;
  const auto longer = Parse(file);
  ASSERT_FALSE(longer);
  EXPECT_NE(longer.error().message().find("header length 3 does not fit a file of 10 bytes"),
            std::string::npos);
  std::fill_n(file.begin(), 8, '\xFF');  // 8 + this would wrap.
  EXPECT_FALSE(Parse(file));
}

TEST(SafetensorsTest, EveryPrefixOfAFileIsRefused) {
  const std::string file =
      Bytes(R"({"a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}})", 16);
  ASSERT_TRUE(Parse(file));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(Parse(std::string_view(file).substr(0, size))) << size;
  }
}

TEST(SafetensorsFileTest, SaysWhyAPathCannotBeOpened) {
  const fs::path folder = testing::TempDir();
  const auto absent = SafetensorsFile::Open(folder / "no_such.safetensors");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), StatusCode::kNotFound);
  EXPECT_NE(absent.error().message().find("no_such.safetensors"), std::string::npos);
  const auto is_folder = SafetensorsFile::Open(folder);
  ASSERT_FALSE(is_folder);
  EXPECT_EQ(is_folder.error().code(), StatusCode::kInvalidArgument);
  const fs::path empty = folder / "safetensors_test_empty.safetensors";
  std::ofstream(empty).close();
  const auto nothing = SafetensorsFile::Open(empty);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code(), StatusCode::kDataLoss);
  fs::remove(empty);
}

TEST(SafetensorsFileTest, KeepsItsViewsValidWhenMoved) {
  const fs::path path = fs::path(testing::TempDir()) / "safetensors_test_moved.safetensors";
  std::ofstream(path, std::ios::binary)
      << Bytes(R"({"a": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}})", 3);
  auto file = SafetensorsFile::Open(path);
  ASSERT_TRUE(file) << file.error().message();
  const TensorView view = *file->Find("a");
  const SafetensorsFile moved = std::move(*file);
  EXPECT_EQ(moved.Find("a")->bytes.data(), view.bytes.data());
  EXPECT_EQ(view.bytes[2], std::byte{2});
  EXPECT_EQ(moved.Find("b"), nullptr);
  fs::remove(path);
}

}  // namespace
}  // namespace stillwatch::model
