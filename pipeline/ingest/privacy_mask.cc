#include "pipeline/ingest/privacy_mask.h"

#include <cmath>
#include <cstddef>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace stillwatch::ingest {

Status CheckPrivacyMasks(const std::vector<Polygon>& masks) {
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const std::string name = "privacy mask " + std::to_string(i + 1);
    if (masks[i].size() < 3) {
      return InvalidArgument(name + ": needs at least 3 points, found " +
                             std::to_string(masks[i].size()));
    }
    for (const Point& point : masks[i]) {
      const bool inside = point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1;
      if (!inside) return InvalidArgument(name + ": every coordinate must be within 0..1");
    }
  }
  return {};
}

void BurnIn(const std::vector<Polygon>& masks, std::span<std::uint8_t> rgb, int width, int height) {
  constexpr int kShift = 8;  // OpenCV's fixed point: 1/256 pixel.
  cv::Mat picture(height, width, CV_8UC3, rgb.data());
  for (const Polygon& mask : masks) {
    std::vector<cv::Point> outline;
    outline.reserve(mask.size());
    for (const Point& point : mask) {
      // OpenCV counts from pixel centres, fractions from the picture's edge: half a pixel apart.
      outline.emplace_back(static_cast<int>(std::lround((point.x * width - 0.5) * (1 << kShift))),
                           static_cast<int>(std::lround((point.y * height - 0.5) * (1 << kShift))));
    }
    // fillPoly decides by pixel centres; the line adds those that the outline only grazes.
    const std::vector<std::vector<cv::Point>> outlines = {outline};
    cv::fillPoly(picture, outlines, cv::Scalar(0, 0, 0), cv::LINE_8, kShift);
    cv::polylines(picture, outlines, true, cv::Scalar(0, 0, 0), 3, cv::LINE_8, kShift);
  }
}

}  // namespace stillwatch::ingest
