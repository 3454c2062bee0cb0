#include "pipeline/select/open_changes.h"

#include <algorithm>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/select/grouping.h"

namespace stillwatch::select {
namespace {

cv::Rect RectOf(const Box& box) { return {box.x, box.y, box.w, box.h}; }

WorkingPicture Cut(const WorkingPicture& picture, const Box& box) {
  const cv::Rect rect = RectOf(box);
  return {picture.y.mat()(rect).clone(), picture.cr.mat()(rect).clone(),
          picture.cb.mat()(rect).clone()};
}

// Part of the mask, 0..1, where the two differ.
double DifferentPart(const WorkingPicture& before, const WorkingPicture& present,
                     const cv::Mat& mask, const DifferencePolicy& policy) {
  const Image score = ScoreOf(before, present, policy);
  cv::Mat different = score.mat() >= kLowScore;
  different &= mask;
  return static_cast<double>(cv::countNonZero(different)) / std::max(1, cv::countNonZero(mask));
}

bool LooksRestored(const OpenPart& part, const WorkingPicture& present,
                   const DifferencePolicy& policy, int reach_px) {
  // A fifth may differ: reflections and shadows of other things.  Tuned on bottle-detection.
  constexpr double kMostDifferent = 0.2;
  const Box& box = part.candidate.box;
  const Box inner{box.x - part.room.x, box.y - part.room.y, box.w, box.h};
  const WorkingPicture before = Cut(part.before, inner);
  const cv::Mat& mask = part.candidate.mask.mat();
  if (DifferentPart(before, Cut(present, box), mask, policy) <= kMostDifferent) return true;

  // Put back a little aside: look for it.
  const int width = present.y.width(), height = present.y.height();
  const Box room = Grown(box, reach_px, width, height);
  if (room.w <= box.w && room.h <= box.h) return false;
  cv::Mat squared;
  cv::matchTemplate(present.y.mat()(RectOf(room)), before.y.mat(), squared, cv::TM_SQDIFF);
  cv::Point at;
  cv::minMaxLoc(squared, nullptr, nullptr, &at, nullptr);
  const Box there{room.x + at.x, room.y + at.y, box.w, box.h};
  return DifferentPart(before, Cut(present, there), mask, policy) <= kMostDifferent;
}

// Same place: they overlap well, or one holds most of the other.
bool SamePlace(const Box& a, const Box& b) {
  const int w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const int h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return false;
  return w * h * 2 >= std::min(a.Area(), b.Area());
}

}  // namespace

OpenPart MakeOpenPart(const Candidate& candidate, const WorkingPicture& reference, int reach_px) {
  OpenPart part;
  part.candidate = candidate;
  part.room = Grown(candidate.box, reach_px, reference.y.width(), reference.y.height());
  part.before = Cut(reference, part.room);
  return part;
}

std::optional<OpenChange> OpenChanges::Add(OpenChange change) {
  std::optional<OpenChange> oldest;
  if (changes_.size() >= kMost) {
    oldest = std::move(changes_.front());
    changes_.pop_front();
  }
  changes_.push_back(std::move(change));
  return oldest;
}

void OpenChanges::Mark(const Candidate& candidate, const WorkingPicture& present,
                       const DifferencePolicy& policy, int reach_px) {
  for (OpenChange& change : changes_) {
    for (OpenPart& part : change.parts) {
      if (!SamePlace(part.candidate.box, candidate.box)) continue;
      part.restored = LooksRestored(part, present, policy, reach_px);
    }
  }
}

double Covered(const Candidate& candidate, const std::vector<OpenChange>& changes) {
  const cv::Rect box = RectOf(candidate.box);
  cv::Mat cover(box.size(), CV_8U, cv::Scalar(0));
  for (const OpenChange& change : changes) {
    for (const OpenPart& part : change.parts) {
      const cv::Rect there = RectOf(part.candidate.box);
      const cv::Rect both = there & box;
      if (both.empty()) continue;
      cover(both - box.tl()) |= part.candidate.mask.mat()(both - there.tl());
    }
  }
  cover &= candidate.mask.mat();
  return static_cast<double>(cv::countNonZero(cover)) /
         std::max(1, cv::countNonZero(candidate.mask.mat()));
}

std::vector<OpenChange> OpenChanges::TakeIfEvery(
    const std::function<bool(const OpenPart&)>& holds) {
  std::vector<OpenChange> taken;
  for (auto change = changes_.begin(); change != changes_.end();) {
    if (!std::all_of(change->parts.begin(), change->parts.end(), holds)) {
      ++change;
      continue;
    }
    taken.push_back(std::move(*change));
    change = changes_.erase(change);
  }
  return taken;
}

std::vector<OpenChange> OpenChanges::TakeRestored() {
  return TakeIfEvery([](const OpenPart& part) { return part.restored; });
}

std::vector<OpenChange> OpenChanges::TakeCovered(const std::vector<Settled>& settled) {
  return TakeIfEvery([&settled](const OpenPart& part) {
    const cv::Rect box = RectOf(part.candidate.box);
    cv::Mat cover(box.size(), CV_8U, cv::Scalar(0));
    for (const Settled& one : settled) {
      const cv::Rect there = RectOf(one.candidate.box);
      const cv::Rect both = there & box;
      if (both.empty()) continue;
      cover(both - box.tl()) |= one.candidate.mask.mat()(both - there.tl());
    }
    cover &= part.candidate.mask.mat();
    return cv::countNonZero(cover) * 2 >= cv::countNonZero(part.candidate.mask.mat());
  });
}

std::vector<OpenChange> OpenChanges::TakeCalm(const Image& calm, const Image& settled) {
  return TakeIfEvery([&](const OpenPart& part) {
    const cv::Rect box = RectOf(part.candidate.box);
    const cv::Mat quiet = part.candidate.mask.mat() & calm.mat()(box) & settled.mat()(box);
    // A fifth, as for what looks restored.
    return cv::countNonZero(quiet) >= 0.8 * cv::countNonZero(part.candidate.mask.mat());
  });
}

OpenChange* OpenChanges::WithId(std::string_view id) {
  const auto change = std::find_if(changes_.begin(), changes_.end(),
                                   [id](const OpenChange& one) { return one.id == id; });
  return change == changes_.end() ? nullptr : &*change;
}

OpenChange* OpenChanges::At(const Box& box) {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    for (const OpenPart& part : change->parts) {
      if (SamePlace(part.candidate.box, box)) return &*change;
    }
  }
  return nullptr;
}

void OpenChanges::LetFramesGo(TimePoint before) {
  for (OpenChange& change : changes_) {
    if (change.since < before) change.before.reset();
  }
}

void OpenChanges::Relight(const Light& light, int width, int height) {
  for (OpenChange& change : changes_) {
    for (OpenPart& part : change.parts) {
      ApplyLight(light, part.before, {part.room.x, part.room.y, width, height});
    }
  }
}

}  // namespace stillwatch::select
