#include "model/checkpoint/write_safetensors.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include "model/checkpoint/safetensors.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

class WriteSafetensorsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Content(const fs::path& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ptrdiff_t Files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator{});
  }
  // A tensor of `count` elements whose bytes are those of `storage_`.
  NamedTensor Tensor(std::string name, Dtype dtype, std::int64_t count) const {
    const auto bytes = static_cast<std::size_t>(count) * ByteSize(dtype);
    return {std::move(name), {dtype, {count}, std::as_bytes(std::span(storage_)).first(bytes)}};
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  const fs::path path_ = folder_ / "model.safetensors";
  const std::vector<double> storage_ = {1.5, -2.25, 3e300, 0, 7};
};

TEST_F(WriteSafetensorsTest, WritesWhatTheReaderReads) {
  std::vector<NamedTensor> tensors;
  for (int i = 0; i < kDtypeCount; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    tensors.push_back(Tensor("layer." + std::string(Name(dtype)), dtype, 1 + i % 3));
  }
  tensors.push_back({"scalar", {Dtype::kF32, {}, Tensor("", Dtype::kF32, 1).view.bytes}});
  tensors.push_back({"empty", {Dtype::kI64, {0, 4}, {}}});
  const Status status = WriteSafetensors(path_, tensors, {{"format", "pt"}, {"k\"ey", "va\nlue"}});
  ASSERT_TRUE(status.ok()) << status.message();

  const auto file = SafetensorsFile::Open(path_);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->tensors().size(), tensors.size());
  EXPECT_EQ(file->metadata().at("k\"ey"), "va\nlue");
  for (const NamedTensor& tensor : tensors) {
    const TensorView* view = file->Find(tensor.name);
    ASSERT_NE(view, nullptr) << tensor.name;
    EXPECT_EQ(view->dtype, tensor.view.dtype);
    EXPECT_EQ(view->shape, tensor.view.shape);
    EXPECT_TRUE(std::equal(view->bytes.begin(), view->bytes.end(), tensor.view.bytes.begin(),
                           tensor.view.bytes.end()));
    // Mapped files start at a page, so tensors are aligned to their elements.
    if (!view->bytes.empty()) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view->bytes.data()) % ByteSize(view->dtype), 0U)
          << tensor.name;
    }
  }
  EXPECT_EQ(Files(), 1);
}

TEST_F(WriteSafetensorsTest, WritesTheSameBytesInWhateverOrderTensorsCome) {
  const NamedTensor a = Tensor("a", Dtype::kBF16, 3), b = Tensor("b", Dtype::kF32, 2),
                    c = Tensor("c", Dtype::kF32, 1);
  ASSERT_TRUE(WriteSafetensors(path_, std::vector{a, b, c}).ok());
  const std::string first = Content(path_);
  ASSERT_TRUE(WriteSafetensors(path_, std::vector{c, a, b}).ok());
  EXPECT_EQ(Content(path_), first);
  EXPECT_LT(first.find("\"b\""), first.find("\"c\""));
  EXPECT_LT(first.find("\"c\""), first.find("\"a\""));  // Narrower elements come later.
}

TEST_F(WriteSafetensorsTest, RefusesTensorsThatDoNotFitAndKeepsTheOldFile) {
  ASSERT_TRUE(WriteSafetensors(path_, std::vector{Tensor("old", Dtype::kU8, 3)}).ok());
  const std::string old = Content(path_);
  NamedTensor wrong = Tensor("w", Dtype::kF32, 2);
  wrong.view.shape = {3};
  NamedTensor huge = wrong;
  huge.view.shape = {std::numeric_limits<std::int64_t>::max(), 2};
  const std::vector<std::pair<std::vector<NamedTensor>, std::string>> rows = {
      {{wrong}, "tensor 'w': F32 [3] takes 12 bytes, got 8"},
      {{huge}, "takes too many bytes"},
      {{Tensor("a", Dtype::kU8, 1), Tensor("a", Dtype::kF32, 1)}, "tensor 'a' twice"},
      {{Tensor("__metadata__", Dtype::kU8, 1)}, "'__metadata__' is no name"},
      {{Tensor("\xFF", Dtype::kU8, 1)}, "header: "},
  };
  for (const auto& [tensors, message] : rows) {
    const Status status = WriteSafetensors(path_, tensors);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << message;
    EXPECT_NE(status.message().find(message), std::string::npos) << status.message();
    EXPECT_NE(status.message().find(path_.string()), std::string::npos);
  }
  EXPECT_EQ(Content(path_), old);
  EXPECT_EQ(Files(), 1);
}

TEST_F(WriteSafetensorsTest, SaysWhichFolderIsMissing) {
  const Status status =
      WriteSafetensors(folder_ / "absent/model.safetensors", std::vector<NamedTensor>{});
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_NE(status.message().find("absent/model.safetensors"), std::string::npos);
}

TEST_F(WriteSafetensorsTest, LeavesNothingBehindWhenItCannotRename) {
  fs::create_directories(path_ / "in the way");
  EXPECT_FALSE(WriteSafetensors(path_, std::vector{Tensor("a", Dtype::kU8, 1)}).ok());
  EXPECT_EQ(Files(), 1);
}

TEST_F(WriteSafetensorsTest, ReportsAFolderThatCannotBeWrittenTo) {
  const Status status =
      WriteSafetensors("/proc/stillwatch.safetensors", std::vector{Tensor("a", Dtype::kU8, 1)});
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace stillwatch::model
