#include "pipeline/select/reference.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/select/difference.h"

namespace stillwatch::select {
namespace {

cv::Mat Square(int side) { return cv::getStructuringElement(cv::MORPH_RECT, {side, side}); }

}  // namespace

void Reference::Start(const WorkingPicture& picture) {
  picture_ = picture;
  known_ = Image(cv::Mat(picture.y.mat().size(), CV_8U, cv::Scalar(0)));
  registrar_.SetReference(picture_);
  frame_.reset();
}

double Reference::KnownPart() const {
  return static_cast<double>(cv::countNonZero(known_.mat())) /
         std::max<double>(1, static_cast<double>(known_.mat().total()));
}

void Reference::Learn(const SettledScene& scene, double settle_s, int reach_px) {
  cv::Mat& known = known_.mat();
  if (cv::countNonZero(known) == static_cast<int>(known.total())) return;
  const cv::Mat& age = scene.age_s().mat();
  const cv::Mat settled = age >= static_cast<float>(settle_s);
  cv::Mat calm;
  cv::erode(settled, calm, Square(reach_px | 1));
  // What has been still for three times as long is still, whatever its neighbours do.
  calm |= age >= static_cast<float>(3 * settle_s);
  calm &= ~known;
  if (cv::countNonZero(calm) == 0) return;
  scene.value().y.mat().copyTo(picture_.y.mat(), calm);
  scene.value().cr.mat().copyTo(picture_.cr.mat(), calm);
  scene.value().cb.mat().copyTo(picture_.cb.mat(), calm);
  known |= calm;
}

void Reference::Take(const Candidate& candidate, const WorkingPicture& present, int rim_px) {
  const Box box = Grown(candidate.box, rim_px, picture_.y.width(), picture_.y.height());
  cv::Mat mask(box.h, box.w, CV_8U, cv::Scalar(0));
  candidate.mask.mat().copyTo(mask(cv::Rect(candidate.box.x - box.x, candidate.box.y - box.y,
                                            candidate.box.w, candidate.box.h)));
  cv::dilate(mask, mask, Square(2 * rim_px + 1));
  const cv::Rect rect(box.x, box.y, box.w, box.h);
  for (auto [to, from] : {std::pair{&picture_.y, &present.y}, std::pair{&picture_.cr, &present.cr},
                          std::pair{&picture_.cb, &present.cb}}) {
    cv::Mat part = to->mat()(rect);
    from->mat()(rect).copyTo(part, mask);
  }
}

void Reference::Adapt(const SettledScene& scene, const Image& score, double settle_s, float rate) {
  const auto settled = static_cast<float>(settle_s);
  for (int row = 0; row < score.height(); ++row) {
    const auto* s = score.mat().ptr<float>(row);
    const auto* age = scene.age_s().mat().ptr<float>(row);
    for (auto [to, from] :
         {std::pair{&picture_.y, &scene.value().y}, std::pair{&picture_.cr, &scene.value().cr},
          std::pair{&picture_.cb, &scene.value().cb}}) {
      auto* r = to->mat().ptr<float>(row);
      const auto* v = from->mat().ptr<float>(row);
      for (int i = 0; i < score.width(); ++i) {
        if (age[i] >= settled && s[i] < kLowScore) r[i] += rate * (v[i] - r[i]);
      }
    }
  }
}

void Reference::Compose(const std::vector<Region>& regions, const Frame& current) {
  auto next = std::make_shared<Frame>(*frame_);
  next->captured_at = current.captured_at;
  next->index = current.index;
  next->pts = current.pts;
  const int rim = std::max(next->width, next->height) / 50;
  for (const Region& region : regions) {
    const int x0 = std::max(0, static_cast<int>(region.x * next->width) - rim);
    const int y0 = std::max(0, static_cast<int>(region.y * next->height) - rim);
    const int x1 =
        std::min(next->width, static_cast<int>((region.x + region.w) * next->width) + rim);
    const int y1 =
        std::min(next->height, static_cast<int>((region.y + region.h) * next->height) + rim);
    for (int row = y0; row < y1 && x0 < x1; ++row) {
      const auto from = 3 * (static_cast<std::ptrdiff_t>(row) * next->width + x0);
      std::copy_n(current.rgb.begin() + from, 3 * (x1 - x0), next->rgb.begin() + from);
    }
  }
  frame_ = std::move(next);
}

}  // namespace stillwatch::select
