#include "model/runtime/model_folder.h"

#include <array>
#include <cstring>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "model/checkpoint/write_safetensors.h"
#include "tests/unit/model/net/made_pairs.h"

namespace stillwatch::model {
namespace {

TEST(ModelFolderTest, SaysWhatIsInside) {
  const auto folder = TestFolder();
  WriteText(folder / "config.json", ToJson(M3DiffConfig{.name = "m3diff-tiny"}));
  const std::array<std::byte, 24> bytes{};
  const NamedTensor tensor = {.name = "x",
                              .view = {.dtype = Dtype::kF32, .shape = {2, 3}, .bytes = bytes}};
  ASSERT_TRUE(WriteSafetensors(folder / "model.safetensors", {&tensor, 1}).ok());
  const auto description = DescribeModel(folder.string());
  ASSERT_TRUE(description) << description.error().message();
  EXPECT_EQ(description->name, "m3diff-tiny");
  EXPECT_EQ(description->tensors, 1);
  EXPECT_EQ(description->parameters, 6);
  EXPECT_EQ(description->bytes, 24);
  EXPECT_EQ(description->fingerprint.size(), std::strlen("sha256:") + 64);
}

TEST(ModelFolderTest, NamesWhatIsMissing) {
  const auto folder = TestFolder();
  const auto none = DescribeModel(folder.string());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), StatusCode::kNotFound);
  EXPECT_NE(none.error().message().find("config.json"), std::string::npos);
  WriteText(folder / "config.json", ToJson(M3DiffConfig{}));
  const auto weights = DescribeModel(folder.string());
  ASSERT_FALSE(weights);
  EXPECT_EQ(weights.error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace stillwatch::model
