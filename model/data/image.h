// Image: a picture of bytes, and how OpenCV sees it.

#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "pipeline/core/status.h"

namespace cv {
class Mat;
}

namespace stillwatch::data {

// Rows of width * channels bytes without padding; 1 = grey, 3 = RGB, 4 = RGBA, alpha not
// multiplied in.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> bytes{};

  bool empty() const { return bytes.empty(); }
};

// A black (and transparent) image.
Image MakeImage(int width, int height, int channels);

// The same bytes as an OpenCV matrix: valid as long as the image is neither moved nor resized.
cv::Mat View(Image& image);
cv::Mat View(const Image& image);  // Not to be written to.

Image Copy(const cv::Mat& matrix);

// Reads a picture as `channels` (1, 3 or 4) in our channel order.
// kNotFound: no such file.  kDataLoss: not a picture; both name the file.
[[nodiscard]] Result<Image> ReadImage(const std::filesystem::path& file, int channels);

// The same of bytes that were read before; `name` is for the message.
[[nodiscard]] Result<Image> DecodeImage(const std::vector<std::uint8_t>& bytes, int channels,
                                        const std::string& name);

[[nodiscard]] Status WritePng(const std::filesystem::path& file, const Image& image);

}  // namespace stillwatch::data
