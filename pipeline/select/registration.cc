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

// Does the picture fit better once moved?  Asked block by block and answered by vote: a passer-by
// pulls a correlation, and floor boards repeat, but neither improves the edges all over the
// picture.
bool MostBlocksImprove(const cv::Mat& reference, const cv::Mat& present, const cv::Mat& moved,
                       int border) {
  constexpr int kBlocks = 8;  // A side.
  int better = 0, worse = 0;
  double before = 0, after = 0;
  for (int row = 0; row < kBlocks; ++row) {
    for (int column = 0; column < kBlocks; ++column) {
      const int x0 = border + (reference.cols - 2 * border) * column / kBlocks;
      const int x1 = border + (reference.cols - 2 * border) * (column + 1) / kBlocks;
      const int y0 = border + (reference.rows - 2 * border) * row / kBlocks;
      const int y1 = border + (reference.rows - 2 * border) * (row + 1) / kBlocks;
      if (x1 <= x0 || y1 <= y0) continue;
      const cv::Rect block(x0, y0, x1 - x0, y1 - y0);
      const double area = block.area();
      // Blocks without edges know nothing of shifts.
      if (cv::norm(reference(block), cv::NORM_L2SQR) / area < 1) continue;
      const double still = cv::norm(reference(block), present(block), cv::NORM_L2SQR) / area;
      const double shifted = cv::norm(reference(block), moved(block), cv::NORM_L2SQR) / area;
      before += std::min(still, 50.0);
      after += std::min(shifted, 50.0);
      ++(shifted < 0.9 * still ? better : worse);
    }
  }
  // A shake improves nearly every block that has edges in both directions; two thirds leave room
  // for people.  A guess that holds on one-by-one-person-detection, whose visitors fill a third.
  return better > 2 * worse && after < 0.8 * before;
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
  // Below a tenth of a pixel there is nothing to gain; beyond an eighth of the picture it is
  // another view.
  if (length < 0.1 || length > 0.125 * std::min(reference.cols, reference.rows)) return {};
  const int border = static_cast<int>(std::ceil(length)) + 1;
  const cv::Mat moved = Moved(present, found.x, found.y);
  if (!MostBlocksImprove(reference, present, moved, border)) return {};
  return {2 * found.x, 2 * found.y, true};
}

double Registrar::Likeness(const WorkingPicture& picture) const {
  const cv::Mat present = EdgesOf(picture);
  const double both = small_.mat().dot(present);
  const double each = cv::norm(small_.mat()) * cv::norm(present);
  return each > 0 ? both / each : 0;
}

void RemoveShift(const Shift& shift, WorkingPicture& picture) {
  for (Image* plane : {&picture.y, &picture.cr, &picture.cb}) {
    *plane = Image(Moved(plane->mat(), shift.x, shift.y));
  }
}

}  // namespace stillwatch::select
