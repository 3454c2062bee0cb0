// Preprocessing against what transformers' processor computes from the same files.

#include <cstring>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "model/checkpoint/checkpoint.h"
#include "model/preprocess/resize.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

RgbImage Read(const std::filesystem::path& path) {
  cv::Mat picture = cv::imread(path.string(), cv::IMREAD_COLOR);
  cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  return {
      .rgb = {picture.datastart, picture.dataend}, .width = picture.cols, .height = picture.rows};
}

TEST(ResizeReferenceTest, PicturesAreIdenticalPaddedAndStretched) {
  const auto folder = SharedFolder() / "fixtures" / "onevision_tiny";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const auto expected = Checkpoint::Open(folder / "expected.safetensors");
  ASSERT_TRUE(expected) << expected.error().message();
  for (const std::string preset : {"onevision", "ccexpert"}) {
    for (const std::string pair : {"1", "2"}) {
      const TensorView* wanted = expected->Find(preset + ".pair" + pair + ".resized_u8");
      ASSERT_NE(wanted, nullptr);
      const auto side = static_cast<int>(wanted->shape[2]);
      const auto plane = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
      std::size_t at = 0;
      for (const std::string name : {"ref", "cur"}) {
        RgbImage picture = Read(folder / (name + (pair == "1" ? "" : "2") + ".png"));
        if (preset == "onevision") picture = PadToSquare(picture);
        const RgbImage resized = ResizeBicubic(picture, side, side);
        std::size_t different = 0;
        for (std::size_t c = 0; c < 3; ++c) {
          for (std::size_t i = 0; i < plane; ++i, ++at) {
            different += std::to_integer<std::uint8_t>(wanted->bytes[at]) != resized.rgb[i * 3 + c];
          }
        }
        EXPECT_EQ(different, 0u) << preset << " pair " << pair << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace stillwatch::model
