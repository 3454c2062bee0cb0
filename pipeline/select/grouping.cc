#include "pipeline/select/grouping.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace stillwatch::select {
namespace {

cv::Rect RectOf(const Box& box) { return {box.x, box.y, box.w, box.h}; }

struct Look {
  cv::Vec3d mean;
  cv::Mat y;  // Of one small size, for every thing.
};

Look LookOf(const WorkingPicture& picture, const Candidate& candidate) {
  const cv::Rect rect = RectOf(candidate.box);
  const cv::Mat& mask = candidate.mask.mat();
  Look look;
  look.mean = {cv::mean(picture.y.mat()(rect), mask)[0], cv::mean(picture.cr.mat()(rect), mask)[0],
               cv::mean(picture.cb.mat()(rect), mask)[0]};
  cv::resize(picture.y.mat()(rect), look.y, {16, 16}, 0, 0, cv::INTER_AREA);
  return look;
}

// Is it one thing, there and then here?
bool SameThing(const Candidate& left, const WorkingPicture& reference, const Candidate& came,
               const WorkingPicture& present) {
  const double ratio = static_cast<double>(left.area) / std::max(1, came.area);
  if (ratio < 0.5 || ratio > 2) return false;
  const Look before = LookOf(reference, left), after = LookOf(present, came);
  if (cv::norm(before.mean - after.mean) > 25) return false;  // Grey levels.  A guess.
  cv::Mat correlation;
  cv::matchTemplate(before.y, after.y, correlation, cv::TM_CCOEFF_NORMED);
  const auto alike = static_cast<double>(correlation.at<float>(0, 0));
  // Flat things have nothing to correlate: for them size and colour must do.
  return alike > 0.5 || (before.y.empty() ? false : cv::norm(before.y, after.y) / 16 < 20);
}

}  // namespace

std::vector<Group> GroupSettled(std::vector<Settled> settled, int gap_px,
                                const WorkingPicture& reference, const WorkingPicture& present) {
  std::vector<Group> groups;
  for (Settled& one : settled) {
    const ChangeKind kind = KindOf(one.evidence);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
      return other.restores == one.restores && other.kind == kind &&
             std::any_of(other.parts.begin(), other.parts.end(), [&](const Settled& part) {
               return Gap(part.candidate.box, one.candidate.box) < gap_px;
             });
    });
    if (group == groups.end()) {
      group =
          groups.insert(groups.end(), Group{.kind = kind, .restores = one.restores, .parts = {}});
    }
    group->parts.push_back(std::move(one));
  }
  for (auto left = groups.begin(); left != groups.end(); ++left) {
    if (left->kind != ChangeKind::kRemoved || left->restores || left->parts.size() != 1) continue;
    const auto came = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
      return other.kind == ChangeKind::kAdded && !other.restores && other.parts.size() == 1 &&
             SameThing(left->parts[0].candidate, reference, other.parts[0].candidate, present);
    });
    if (came == groups.end()) continue;
    left->kind = ChangeKind::kMoved;
    left->parts.push_back(std::move(came->parts[0]));
    const bool before = came < left;
    const auto at = left - groups.begin() - (before ? 1 : 0);
    groups.erase(came);
    left = groups.begin() + at;
  }
  return groups;
}

}  // namespace stillwatch::select
