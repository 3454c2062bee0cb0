#include "pipeline/ingest/picture_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace stillwatch::ingest {
namespace {

// libjpeg fills the missing part of a cut-off file with grey and OpenCV says nothing: the scene
// would seem to change.  Cameras pad behind the end marker, hence the search.
bool IsCutOffJpeg(const std::vector<std::uint8_t>& bytes) {
  constexpr std::array<std::uint8_t, 3> kStart = {0xFF, 0xD8, 0xFF};
  constexpr std::array<std::uint8_t, 2> kEnd = {0xFF, 0xD9};
  constexpr std::size_t kTail = 4096;  // A guess; short of an embedded preview's end marker.
  if (bytes.size() < 4 || !std::equal(kStart.begin(), kStart.end(), bytes.begin())) return false;
  const auto from = bytes.end() - static_cast<std::ptrdiff_t>(std::min(kTail, bytes.size()));
  return std::search(from, bytes.end(), kEnd.begin(), kEnd.end()) == bytes.end();
}

}  // namespace

Result<DecodedPicture> ReadPicture(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unavailable(path + ": cannot be read; check its permissions");
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return Unavailable(path + ": cannot be read to its end");
  if (bytes.empty()) return DataLoss(path + ": the file is empty (0 bytes)");
  if (IsCutOffJpeg(bytes)) return DataLoss(path + ": the picture is cut off");
  try {
    const cv::Mat decoded = cv::imdecode(bytes, cv::IMREAD_COLOR);
    if (decoded.empty()) return DataLoss(path + ": not a picture, or damaged");
    DecodedPicture picture{.width = decoded.cols, .height = decoded.rows};
    picture.rgb.resize(decoded.total() * 3);
    cv::Mat rgb(decoded.rows, decoded.cols, CV_8UC3, picture.rgb.data());
    cv::cvtColor(decoded, rgb, cv::COLOR_BGR2RGB);
    return picture;
  } catch (const cv::Exception& e) {  // Too many pixels, out of memory.
    return DataLoss(path + ": " + e.what());
  }
}

}  // namespace stillwatch::ingest
