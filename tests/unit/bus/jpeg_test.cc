#include "pipeline/bus/jpeg.h"

#include <cstdio>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

namespace stillwatch::bus {
namespace {

Frame Gradient(int width, int height) {
  Frame frame;
  frame.width = width;
  frame.height = height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      frame.rgb.push_back(static_cast<std::uint8_t>(x * 255 / width));
      frame.rgb.push_back(static_cast<std::uint8_t>(y * 255 / height));
      frame.rgb.push_back(200);
    }
  }
  return frame;
}

TEST(JpegTest, PictureComesBackNearlyEqual) {
  const Frame frame = Gradient(161, 97);
  const Result<std::string> jpeg = EncodeJpeg(frame);
  ASSERT_TRUE(jpeg) << jpeg.error().message();
  const Result<Frame> got = DecodeJpeg(*jpeg);
  ASSERT_TRUE(got) << got.error().message();
  ASSERT_EQ(got->width, 161);
  ASSERT_EQ(got->height, 97);
  ASSERT_EQ(got->rgb.size(), frame.rgb.size());
  double sum = 0;
  for (std::size_t i = 0; i < frame.rgb.size(); ++i) {
    sum += std::abs(int{frame.rgb[i]} - int{got->rgb[i]});
  }
  std::printf("mean difference %.2f of 255\n", sum / static_cast<double>(frame.rgb.size()));
  EXPECT_LT(sum / static_cast<double>(frame.rgb.size()), 2.0);
}

TEST(JpegTest, FramesWhoseBytesDoNotFitTheirSizeAreRefused) {
  Frame frame = Gradient(8, 8);
  frame.rgb.pop_back();
  EXPECT_EQ(EncodeJpeg(frame).error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodeJpeg(Frame{}).error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodeJpeg(Gradient(8, 8), 0).error().code(), StatusCode::kInvalidArgument);
}

TEST(JpegTest, AHugePictureIsRefusedBeforeItIsDecoded) {
  std::string jpeg = EncodeJpeg(Gradient(16, 16)).value();
  const std::size_t frame_header = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame_header, std::string::npos);
  jpeg.replace(frame_header + 5, 4, "\xFF\x00\xFF\x00", 4);  // 65280 x 65280.
  EXPECT_EQ(DecodeJpeg(jpeg).error().code(), StatusCode::kResourceExhausted);
}

TEST(JpegTest, ATruncatedPictureIsAnErrorAndNoGreyHalf) {
  const std::string jpeg = EncodeJpeg(Gradient(64, 64)).value();
  for (std::size_t size = 0; size < jpeg.size(); size += 7) {
    const Result<Frame> got = DecodeJpeg(std::string_view(jpeg).substr(0, size));
    ASSERT_FALSE(got) << size;
    EXPECT_EQ(got.error().code(), StatusCode::kDataLoss);
    EXPECT_FALSE(got.error().message().empty());
  }
}

TEST(JpegTest, RandomMutationsNeverCrash) {
  std::mt19937 random(20261123);
  const std::string good = EncodeJpeg(Gradient(48, 32)).value();
  int decoded = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string jpeg = good;
    for (auto edits = 1 + random() % 3; edits > 0; --edits) {
      jpeg[random() % jpeg.size()] = static_cast<char>(random());
    }
    decoded += DecodeJpeg(jpeg, 1'000'000).has_value() ? 1 : 0;
  }
  EXPECT_GT(decoded, 0);
  EXPECT_LT(decoded, 2000);
}

}  // namespace
}  // namespace stillwatch::bus
