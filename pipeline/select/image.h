// Image: a cv::Mat that a header can hold without showing OpenCV.

#pragma once

#include <memory>

namespace cv {
class Mat;
}  // namespace cv

namespace stillwatch::select {

// Copies are deep: two Images never share pixels.  Not thread-safe: a plain value.
class Image {
 public:
  Image();
  Image(cv::Mat mat);  // NOLINT(google-explicit-constructor): an Image is its Mat.
  Image(const Image& other);
  Image(Image&& other) noexcept;
  Image& operator=(const Image& other);
  Image& operator=(Image&& other) noexcept;
  ~Image();

  cv::Mat& mat() { return *mat_; }
  const cv::Mat& mat() const { return *mat_; }
  bool empty() const;
  int width() const;
  int height() const;

 private:
  std::unique_ptr<cv::Mat> mat_;  // Never null, except in an Image that was moved from.
};

}  // namespace stillwatch::select
