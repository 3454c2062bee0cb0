#include "pipeline/select/working_picture.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {

WorkingSize WorkingSizeOf(int width, int height) {
  constexpr double kLongSide = 384;
  const double scale = std::min(1.0, kLongSide / std::max(width, height));
  return {std::max(1, static_cast<int>(std::lround(width * scale))),
          std::max(1, static_cast<int>(std::lround(height * scale)))};
}

bool IsComparable(const Frame& frame) {
  constexpr int kSmallest = 16, kLargest = 1 << 15;
  if (std::min(frame.width, frame.height) < kSmallest ||
      std::max(frame.width, frame.height) > kLargest) {
    return false;
  }
  const WorkingSize working = WorkingSizeOf(frame.width, frame.height);
  if (std::min(working.width, working.height) < kSmallest) return false;
  return frame.rgb.size() ==
         3 * static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height);
}

WorkingPicture MakeWorkingPicture(const Frame& frame, WorkingSize size) {
  // The Mat only reads: OpenCV has no const view.
  const cv::Mat full(frame.height, frame.width, CV_8UC3,
                     const_cast<std::uint8_t*>(frame.rgb.data()));
  cv::Mat small;
  cv::resize(full, small, {size.width, size.height}, 0, 0, cv::INTER_AREA);

  WorkingPicture picture{cv::Mat(small.size(), CV_32F), cv::Mat(small.size(), CV_32F),
                         cv::Mat(small.size(), CV_32F)};
  for (int row = 0; row < small.rows; ++row) {
    const auto* rgb = small.ptr<cv::Vec3b>(row);
    auto* y = picture.y.mat().ptr<float>(row);
    auto* cr = picture.cr.mat().ptr<float>(row);
    auto* cb = picture.cb.mat().ptr<float>(row);
    for (int i = 0; i < small.cols; ++i) {
      const auto r = static_cast<float>(rgb[i][0]);
      const auto g = static_cast<float>(rgb[i][1]);
      const auto b = static_cast<float>(rgb[i][2]);
      y[i] = 0.299f * r + 0.587f * g + 0.114f * b;  // ITU-R BT.601.
      cr[i] = r - y[i];
      cb[i] = b - y[i];
    }
  }
  // Colour is subsampled and quantised hard by video codecs: it gets the wider blur.
  cv::GaussianBlur(picture.y.mat(), picture.y.mat(), {3, 3}, 0.7);
  cv::GaussianBlur(picture.cr.mat(), picture.cr.mat(), {5, 5}, 1.5);
  cv::GaussianBlur(picture.cb.mat(), picture.cb.mat(), {5, 5}, 1.5);
  return picture;
}

}  // namespace stillwatch::select
