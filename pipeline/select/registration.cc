#include "pipeline/select/registration.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {
namespace {

cv::Mat Moved(const cv::Mat& from, double x, double y) {
  const cv::Matx23f map(1, 0, static_cast<float>(x), 0, 1, static_cast<float>(y));
  cv::Mat to;
  cv::warpAffine(from, to, map, from.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return to;
}

// Does the picture fit better once moved?  Asked block by block and answered by vote: a passer-by
// or a bottle that was put down elsewhere pulls a correlation, and floor boards repeat, but none of
// them improves the edges all over the picture.
bool MostBlocksImprove(const cv::Mat& reference, const cv::Mat& present, const cv::Mat& moved,
                       int border) {
  constexpr int kBlocks = 8;  // A side.
  int better = 0, worse = 0;
  for (int row = 0; row < kBlocks; ++row) {
    for (int column = 0; column < kBlocks; ++column) {
      const int x0 = border + (reference.cols - 2 * border) * column / kBlocks;
      const int x1 = border + (reference.cols - 2 * border) * (column + 1) / kBlocks;
      const int y0 = border + (reference.rows - 2 * border) * row / kBlocks;
      const int y1 = border + (reference.rows - 2 * border) * (row + 1) / kBlocks;
      if (x1 <= x0 || y1 <= y0) continue;
      const cv::Rect block(x0, y0, x1 - x0, y1 - y0);
      const double energy = cv::norm(reference(block), cv::NORM_L2SQR);
      // Blocks without edges know nothing of shifts.  Grey levels squared, a pixel; a guess.
      if (energy < 0.3 * block.area()) continue;
      const double still = cv::norm(reference(block), present(block), cv::NORM_L2SQR);
      const double shifted = cv::norm(reference(block), moved(block), cv::NORM_L2SQR);
      // Better is not enough: a hand before the wall fits a little better here and there, too.
      if (shifted < 0.8 * still && shifted < 0.6 * energy) {
        ++better;
      } else if (still < 0.5 * energy) {
        ++worse;  // It has edges, and they are where they were.
      }
    }
  }
  // A shake improves nearly every block that has edges; two thirds leave room for people.  Holds on
  // one-by-one-person-detection, whose visitors fill a third of the picture, on bottle-detection
  // (bottles a few pixels aside) and on car-detection, where the camera does move.
  return better >= 4 && better > 2 * worse;
}

// Moves `shift` to the best fit nearby: Gauss-Newton on the difference of edges, with outliers
// weighted down.  By hand, because OpenCV's findTransformECC fits everything it sees, passers-by
// included.
cv::Point2d Refine(const cv::Mat& reference, const cv::Mat& present, cv::Point2d shift) {
  cv::Mat gx, gy;
  cv::Sobel(reference, gx, CV_32F, 1, 0, 3, 1.0 / 8);
  cv::Sobel(reference, gy, CV_32F, 0, 1, 3, 1.0 / 8);
  const cv::Point2d start = shift;
  for (int iteration = 0; iteration < 14; ++iteration) {
    const cv::Mat moved = Moved(present, shift.x, shift.y);
    const int border =
        static_cast<int>(std::ceil(std::max(std::abs(shift.x), std::abs(shift.y)))) + 1;
    if (2 * border + 8 > std::min(reference.cols, reference.rows)) return start;
    // What differs by more than fifteen grey levels is something else; at first edges may, too. And
    // where there is no edge, the gradient of the noise would hold the estimate back.  Guesses.
    const float outlier = iteration < 7 ? 30 : 15;
    constexpr float kEdge = 1.5f;
    double xx = 1e-6, xy = 0, yy = 1e-6, xr = 0, yr = 0;
    for (int row = border; row < reference.rows - border; ++row) {
      const auto *r = reference.ptr<float>(row), *m = moved.ptr<float>(row);
      const auto *dx = gx.ptr<float>(row), *dy = gy.ptr<float>(row);
      float rxx = 0, rxy = 0, ryy = 0, rxr = 0, ryr = 0;
      for (int i = border; i < reference.cols - border; ++i) {
        const float residual = m[i] - r[i];
        if (std::abs(dx[i]) + std::abs(dy[i]) < kEdge) continue;
        const float u = residual / outlier;
        const float weight = std::max(0.0f, 1 - u * u);
        rxx += weight * dx[i] * dx[i];
        rxy += weight * dx[i] * dy[i];
        ryy += weight * dy[i] * dy[i];
        rxr += weight * dx[i] * residual;
        ryr += weight * dy[i] * residual;
      }
      xx += static_cast<double>(rxx), xy += static_cast<double>(rxy),
          yy += static_cast<double>(ryy);
      xr += static_cast<double>(rxr), yr += static_cast<double>(ryr);
    }
    const double determinant = xx * yy - xy * xy;
    // Edges in one direction only say nothing along it.
    if (determinant < 1e-3 * (xx + yy) * (xx + yy)) return start;
    const cv::Point2d step((yy * xr - xy * yr) / determinant, (xx * yr - xy * xr) / determinant);
    shift -= step;
    if (iteration < 7 && std::hypot(step.x, step.y) < 0.01) iteration = 6;  // On to the finer ones.
    if (iteration >= 7 && std::hypot(step.x, step.y) < 0.02) break;
  }
  return shift;
}

}  // namespace

Image EdgesOf(const WorkingPicture& picture) {
  cv::Mat half, low;
  cv::resize(picture.y.mat(), half, {}, 0.5, 0.5, cv::INTER_AREA);
  cv::GaussianBlur(half, low, {}, 4);
  half -= low;
  // A saturated lamp or a black hole must not outweigh the rest of the picture.
  cv::min(half, 30.0, half);
  cv::max(half, -30.0, half);
  return Image(std::move(half));
}

double Shift::Length() const { return std::hypot(x, y); }

void Registrar::SetReference(const WorkingPicture& reference) {
  small_ = EdgesOf(reference);
  cv::createHanningWindow(window_.mat(), small_.mat().size(), CV_32F);
}

Shift Registrar::Find(const WorkingPicture& picture) const {
  const cv::Mat& reference = small_.mat();
  if (reference.cols < 16 || reference.rows < 16) return {};
  const Image edges = EdgesOf(picture);
  const cv::Mat& present = edges.mat();
  // Most pictures have not moved, or by little: phase correlation is for those that moved far.
  cv::Point2d found = Refine(reference, present, {0, 0});
  for (const bool far : {false, true}) {
    if (far) {
      found = Refine(reference, present, cv::phaseCorrelate(reference, present, window_.mat()));
    }
    const double length = std::hypot(found.x, found.y);
    // Below a quarter of a working pixel there is nothing to gain; beyond an eighth of the picture
    // it is another view.
    if (!std::isfinite(length) || length > 0.125 * std::min(reference.cols, reference.rows)) {
      continue;
    }
    if (length < 0.125) return {};
    const int border = static_cast<int>(std::ceil(length)) + 1;
    const cv::Mat moved = Moved(present, found.x, found.y);
    if (MostBlocksImprove(reference, present, moved, border)) {
      return {2 * found.x, 2 * found.y, true};
    }
  }
  return {};
}

double Registrar::Likeness(const WorkingPicture& picture) const {
  const Image edges = EdgesOf(picture);
  const cv::Mat& present = edges.mat();
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
