#include "model/data/image.h"

#include <fstream>
#include <iterator>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace stillwatch::data {
namespace {

// OpenCV's codecs speak BGR.
cv::Mat SwapRedBlue(const cv::Mat& from) {
  cv::Mat to;
  if (from.channels() == 3) cv::cvtColor(from, to, cv::COLOR_BGR2RGB);
  if (from.channels() == 4) cv::cvtColor(from, to, cv::COLOR_BGRA2RGBA);
  return from.channels() == 1 ? from : to;
}

}  // namespace

Image MakeImage(int width, int height, int channels) {
  const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                     static_cast<std::size_t>(channels);
  return {.width = width,
          .height = height,
          .channels = channels,
          .bytes = std::vector<std::uint8_t>(bytes)};
}

cv::Mat View(Image& image) {
  return {image.height, image.width, CV_8UC(image.channels), image.bytes.data()};
}

cv::Mat View(const Image& image) {
  // cv::Mat has no const form; the header says not to write.
  return {image.height, image.width, CV_8UC(image.channels),
          const_cast<std::uint8_t*>(image.bytes.data())};
}

Image Copy(const cv::Mat& matrix) {
  Image image = MakeImage(matrix.cols, matrix.rows, matrix.channels());
  cv::Mat view = View(image);
  matrix.copyTo(view);
  return image;
}

Result<Image> DecodeImage(const std::vector<std::uint8_t>& bytes, int channels,
                          const std::string& name) {
  try {
    const int flags = channels == 1   ? cv::IMREAD_GRAYSCALE
                      : channels == 3 ? cv::IMREAD_COLOR
                                      : cv::IMREAD_UNCHANGED;
    cv::Mat decoded = bytes.empty() ? cv::Mat() : cv::imdecode(bytes, flags);
    if (decoded.empty()) return DataLoss(name + ": not a picture that OpenCV can read");
    if (decoded.depth() != CV_8U) decoded.convertTo(decoded, CV_8U, 1.0 / 256);
    if (channels == 4 && decoded.channels() == 1) {
      cv::cvtColor(decoded, decoded, cv::COLOR_GRAY2BGRA);
    } else if (channels == 4 && decoded.channels() == 3) {
      cv::cvtColor(decoded, decoded, cv::COLOR_BGR2BGRA);
    }
    return Copy(SwapRedBlue(decoded));
  } catch (const cv::Exception& error) {
    return DataLoss(name + ": " + error.what());
  }
}

Result<Image> ReadImage(const std::filesystem::path& file, int channels) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return NotFound(file.string() + ": cannot be opened");
  const std::vector<char> raw{std::istreambuf_iterator<char>(in), {}};
  return DecodeImage({raw.begin(), raw.end()}, channels, file.string());
}

Status WritePng(const std::filesystem::path& file, const Image& image) {
  try {
    // Level 1: the work folder is written once and read a few times.
    if (cv::imwrite(file.string(), SwapRedBlue(View(image)), {cv::IMWRITE_PNG_COMPRESSION, 1})) {
      return {};
    }
  } catch (const cv::Exception& error) {
    return Internal(file.string() + ": " + error.what());
  }
  return Unavailable(file.string() + ": cannot be written");
}

}  // namespace stillwatch::data
