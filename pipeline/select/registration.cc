#include "pipeline/select/registration.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {
namespace {

// Half the working size, without its low frequencies: light falls off, edges stay.
cv::Mat EdgesOf(const WorkingPicture& picture) {
  cv::Mat half, low;
  cv::resize(picture.y.mat(), half, {}, 0.5, 0.5, cv::INTER_AREA);
  cv::GaussianBlur(half, low, {}, 4);
  half -= low;
  // A saturated lamp or a black hole must not outweigh the rest of the picture.
  cv::min(half, 30.0, half);
  cv::max(half, -30.0, half);
  return half;
}

cv::Mat Moved(const cv::Mat& from, double x, double y) {
  const cv::Matx23f map(1, 0, static_cast<float>(x), 0, 1, static_cast<float>(y));
  cv::Mat to;
  cv::warpAffine(from, to, map, from.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return to;
}

// Mean difference in which a thing that came or went counts no more than a lost edge.
double Misfit(const cv::Mat& a, const cv::Mat& b, int border) {
  const cv::Rect inside(border, border, a.cols - 2 * border, a.rows - 2 * border);
  cv::Mat difference;
  cv::absdiff(a(inside), b(inside), difference);
  cv::min(difference, 10.0, difference);
  return cv::mean(difference)[0];
}

}  // namespace

double Shift::Length() const { return std::hypot(x, y); }

void Registrar::SetReference(const WorkingPicture& reference) {
  small_ = EdgesOf(reference);
  cv::createHanningWindow(window_.mat(), small_.mat().size(), CV_32F);
}

Shift Registrar::Find(const WorkingPicture& picture) const {
  const cv::Mat& reference = small_.mat();
  if (reference.cols < 16 || reference.rows < 16) return {};
  const cv::Mat present = EdgesOf(picture);
  const cv::Point2d found = cv::phaseCorrelate(reference, present, window_.mat());
  if (!std::isfinite(found.x) || !std::isfinite(found.y)) return {};
  const double length = std::hypot(found.x, found.y);
  // Below a tenth of a pixel there is nothing to gain; beyond a quarter of the picture too little
  // is left to compare.
  if (length < 0.1 || length > 0.25 * std::min(reference.cols, reference.rows)) return {};
  const int border = std::min(std::min(reference.cols, reference.rows) / 4,
                              static_cast<int>(std::ceil(length)) + 1);
  const double before = Misfit(reference, present, border);
  const double after = Misfit(reference, Moved(present, found.x, found.y), border);
  // 0.9: passers-by pull the correlation; a real shake improves every edge.  A guess.
  if (!(after < 0.9 * before)) return {};
  return {2 * found.x, 2 * found.y, true};
}

void RemoveShift(const Shift& shift, WorkingPicture& picture) {
  for (Image* plane : {&picture.y, &picture.cr, &picture.cb}) {
    *plane = Image(Moved(plane->mat(), shift.x, shift.y));
  }
}

}  // namespace stillwatch::select
