#include "pipeline/select/reference.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/select/difference.h"

namespace stillwatch::select {
namespace {

cv::Mat Square(int side) { return cv::getStructuringElement(cv::MORPH_RECT, {side, side}); }

// Clears those connected parts of `calm` that are small: the inside of a body whose outline moves.
void DropIslands(cv::Mat& calm) {
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(calm, labels, stats, centroids, 4, CV_32S);
  // A fifth of the picture: larger than most that stand in front of a camera.  A guess.
  const double least = 0.2 * static_cast<double>(calm.total());
  for (int label = 1; label < count; ++label) {
    if (stats.at<int>(label, cv::CC_STAT_AREA) < least) calm.setTo(0, labels == label);
  }
}

}  // namespace

void Reference::Start(const WorkingPicture& picture) {
  picture_ = picture;
  known_ = Image(cv::Mat(picture.y.mat().size(), CV_8U, cv::Scalar(0)));
  registrar_.SetReference(picture_);
  frame_.reset();
  learning_s_ = 0;
}

void Reference::Restore(WorkingPicture picture, Image known, FramePtr frame, double learning_s) {
  picture_ = std::move(picture);
  known_ = std::move(known);
  registrar_.SetReference(picture_);
  frame_ = std::move(frame);
  learning_s_ = learning_s;
}

double Reference::KnownPart() const {
  return static_cast<double>(cv::countNonZero(known_.mat())) /
         std::max<double>(1, static_cast<double>(known_.mat().total()));
}

std::optional<Image> Reference::Learn(const SettledScene& scene, double settle_s, double elapsed_s,
                                      int reach_px, bool series) {
  cv::Mat& known = known_.mat();
  if (cv::countNonZero(known) == static_cast<int>(known.total())) return std::nullopt;
  learning_s_ += elapsed_s;
  const cv::Mat& age = scene.age_s().mat();
  // What has never changed since the start is taken at its word, the rest must be still for longer:
  // the outline of somebody who stands is still now and then.
  const cv::Mat never = age >= static_cast<float>(std::min(learning_s_, 2 * settle_s));
  cv::Mat settled = age >= static_cast<float>(settle_s);
  settled &= never;
  // After thirty settle times whoever still stands there is part of the scene.  A guess.
  const bool starting = !series && learning_s_ < 30 * settle_s;
  cv::Mat calm;
  cv::erode(settled, calm, Square((starting ? reach_px : reach_px / 3) | 1));
  if (starting) DropIslands(calm);
  calm &= ~known;
  if (cv::countNonZero(calm) == 0) return std::nullopt;
  scene.value().y.mat().copyTo(picture_.y.mat(), calm);
  scene.value().cr.mat().copyTo(picture_.cr.mat(), calm);
  scene.value().cb.mat().copyTo(picture_.cb.mat(), calm);
  known |= calm;
  return Image(std::move(calm));
}

double Reference::UnknownAround(const Candidate& candidate, int reach_px) const {
  const Box box = Grown(candidate.box, reach_px, picture_.y.width(), picture_.y.height());
  cv::Mat around(box.h, box.w, CV_8U, cv::Scalar(0));
  const cv::Rect inner(candidate.box.x - box.x, candidate.box.y - box.y, candidate.box.w,
                       candidate.box.h);
  candidate.mask.mat().copyTo(around(inner));
  cv::dilate(around, around, Square(2 * reach_px + 1));
  around(inner) &= ~candidate.mask.mat();
  const int all = cv::countNonZero(around);
  if (all == 0) return 0;
  const cv::Mat unknown = known_.mat()(cv::Rect(box.x, box.y, box.w, box.h)) == 0;
  return static_cast<double>(cv::countNonZero(unknown & around)) / all;
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

void Reference::Compose(const Image& mask, const Frame& current, bool renew) {
  auto next = std::make_shared<Frame>(*frame_);
  if (renew) {
    next->captured_at = current.captured_at;
    next->index = current.index;
    next->pts = current.pts;
  }
  const cv::Size full(next->width, next->height);
  cv::Mat large;
  cv::resize(mask.mat(), large, full, 0, 0, cv::INTER_NEAREST);
  // The Mat only reads: OpenCV has no const view.
  const cv::Mat from(full, CV_8UC3, const_cast<std::uint8_t*>(current.rgb.data()));
  cv::Mat to(full, CV_8UC3, next->rgb.data());
  from.copyTo(to, large);
  frame_ = std::move(next);
}

}  // namespace stillwatch::select
