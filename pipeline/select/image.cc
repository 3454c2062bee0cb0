#include "pipeline/select/image.h"

#include <utility>

#include <opencv2/core.hpp>

namespace stillwatch::select {

Image::Image() : mat_(std::make_unique<cv::Mat>()) {}
Image::Image(cv::Mat mat) : mat_(std::make_unique<cv::Mat>(std::move(mat))) {}
Image::Image(const Image& other) : mat_(std::make_unique<cv::Mat>(other.mat_->clone())) {}
Image::Image(Image&& other) noexcept = default;
Image& Image::operator=(const Image& other) {
  if (this != &other) mat_ = std::make_unique<cv::Mat>(other.mat_->clone());
  return *this;
}
Image& Image::operator=(Image&& other) noexcept = default;
Image::~Image() = default;

bool Image::empty() const { return mat_->empty(); }
int Image::width() const { return mat_->cols; }
int Image::height() const { return mat_->rows; }

}  // namespace stillwatch::select
