#include "pipeline/select/pair_selector.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/core/ulid.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/difference.h"
#include "pipeline/select/evidence.h"
#include "pipeline/select/grouping.h"
#include "pipeline/select/judge.h"
#include "pipeline/select/light.h"
#include "pipeline/select/open_changes.h"
#include "pipeline/select/places.h"
#include "pipeline/select/profiles.h"
#include "pipeline/select/recent_samples.h"
#include "pipeline/select/reference.h"
#include "pipeline/select/settled_scene.h"

namespace stillwatch::select {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// From here on it is a series of pictures and not a video: nobody stands that long.
constexpr double kSeries_s = 30;

class SelectorOfScene final : public PairSelector {
 public:
  SelectorOfScene(const PairPolicy& policy, std::string camera)
      : policy_(policy),
        camera_(std::move(camera)),
        interval_s_(Seconds(policy.interval)),
        // One sample cannot be still, and somebody who stands looks still in three of them now and
        // then (one-by-one-person-detection).  In a series of pictures nobody stands that long.
        settle_s_(
            std::max(Seconds(policy.settle), (interval_s_ < kSeries_s ? 4 : 2) * interval_s_)),
        // 1..100 -> 4 .. 1/4 of the thresholds.
        tolerance_(std::exp2((50 - policy.sensitivity) / 25.0)),
        samples_(interval_s_, settle_s_) {}

  Selection Push(FramePtr frame) override;
  Selection Finish() override;
  void Reset() override;
  const Stats& stats() const override { return stats_; }

 private:
  Reference& reference() { return profiles_.now().reference; }
  const Reference& reference() const { return profiles_.now().reference; }
  OpenChanges& open() { return profiles_.now().open; }
  bool Usable(const FramePtr& frame);
  void Start(FramePtr frame, WorkingPicture picture);
  Selection Look(double settle_s, bool last);
  Image Score() const;
  bool WholePictureChanged(const std::vector<Candidate>& candidates, Selection& selection);
  void SwitchProfile();
  void Report(std::vector<Settled> settled, bool alone, Selection& selection);
  void Suppress(SuppressionReason reason, const Box& box, const Why& why, Selection& selection);
  void KeepCleanFrame(bool clean);
  Image MaskOf(const Group& group) const;
  Region RegionOf(const Box& box) const;
  Why WhyOf(double area, double age_s, double score) const;
  double Pixels() const { return static_cast<double>(size_.width) * size_.height; }
  int Share(double of_long_side) const {
    return std::max(
        1, static_cast<int>(std::lround(of_long_side * std::max(size_.width, size_.height))));
  }
  // What settles together this near is one change.  In a series of pictures minutes apart, near in
  // time means nothing.
  int GroupGap() const { return Share(InSeries() ? 0.05 : 0.3); }
  bool InSeries() const { return interval_s_ >= kSeries_s; }
  // The first sample stands for an interval of its own; frames are not sampled to the millisecond.
  double Enough(double settle_s) const { return settle_s - 0.25 * interval_s_; }
  DifferencePolicy Differing() const { return {scene_.noise(), tolerance_}; }

  const PairPolicy policy_;
  const std::string camera_;
  const double interval_s_, settle_s_, tolerance_;

  int width_ = 0, height_ = 0;  // Of the frames.
  WorkingSize size_;
  Profiles profiles_;
  SettledScene scene_;
  RecentSamples samples_;
  LivingPlaces living_;
  PassingPlaces passing_;
  FramePtr clean_;     // The last sample, if nothing differed in it.
  Shift shift_;        // Of the last sample.
  double border_ = 0;  // Working pixels at the rim that shakes have brought in lately.
  Light light_;
  double elapsed_s_ = 0;
  std::uint64_t samples_seen_ = 0;
  std::optional<TimePoint> last_;
  int late_ = 0;
  Stats stats_;
};

bool SelectorOfScene::Usable(const FramePtr& frame) {
  if (!frame || !IsComparable(*frame)) return false;
  if (last_ && frame->captured_at <= *last_) {
    // A clock that was set back must not blind the camera for ever.
    constexpr int kStepOfClock = 32;
    if (++late_ < kStepOfClock) return false;
    last_.reset();
  }
  late_ = 0;
  return true;
}

void SelectorOfScene::Reset() {
  width_ = height_ = 0;
  size_ = {};
  profiles_.Clear();
  samples_.Clear();
  living_.Clear();
  passing_.Clear();
  clean_.reset();
  last_.reset();
  late_ = 0;
}

void SelectorOfScene::Start(FramePtr frame, WorkingPicture picture) {
  const auto last = last_;
  Reset();
  last_ = last;
  width_ = frame->width;
  height_ = frame->height;
  size_ = {picture.y.width(), picture.y.height()};
  scene_.Start(picture, interval_s_);
  reference().Start(picture);
  shift_ = {};
  border_ = 0;
  light_ = {};
  samples_.Add(std::move(frame), std::move(picture.y), 0);
}

Selection SelectorOfScene::Push(FramePtr frame) {
  if (!Usable(frame)) {
    ++stats_.ignored;
    return {};
  }
  ++stats_.pushed;
  // A gap in the stream proves no stillness.
  elapsed_s_ = last_ ? std::clamp(Seconds(frame->captured_at - *last_), 0.0, 1.5 * interval_s_)
                     : interval_s_;
  last_ = frame->captured_at;
  WorkingPicture picture = MakeWorkingPicture(*frame, WorkingSizeOf(frame->width, frame->height));
  if (frame->width != width_ || frame->height != height_) {
    Start(std::move(frame), std::move(picture));
    return {};
  }
  shift_ = reference().FindShift(picture);
  if (shift_.certain) RemoveShift(shift_, picture);
  border_ = std::max(shift_.certain ? std::ceil(shift_.Length()) + 1 : 0, border_ - 0.25);
  light_ = FitLight(reference().picture(), picture);
  RemoveLight(light_, picture);
  scene_.Add(picture, elapsed_s_, 4 * settle_s_);
  samples_.Add(std::move(frame), std::move(picture.y), scene_.moving());
  if (const auto learnt =
          reference().Learn(scene_, Enough(settle_s_), elapsed_s_, Share(0.06), InSeries());
      learnt && reference().frame()) {
    reference().Compose(*learnt, *samples_.newest(), false);
  }
  return Look(settle_s_, false);
}

Selection SelectorOfScene::Finish() {
  if (samples_.empty()) return {};
  // Half the time, but never less than two samples.
  Selection selection = Look(std::max(0.5 * settle_s_, 1.5 * interval_s_), true);
  for (int sample = 0; sample < 2; ++sample) {
    for (const auto& gone : passing_.Follow({}, 0)) {
      Suppress(SuppressionReason::kTransient, gone.box, WhyOf(gone.box.Area(), 0, 0), selection);
    }
  }
  return selection;
}

Region SelectorOfScene::RegionOf(const Box& box) const {
  // Working pixels are those of the reference; the report speaks of the current picture.
  const double x0 = std::clamp((box.x + shift_.x) / size_.width, 0.0, 1.0);
  const double y0 = std::clamp((box.y + shift_.y) / size_.height, 0.0, 1.0);
  const double x1 = std::clamp((box.x + shift_.x + box.w) / size_.width, 0.0, 1.0);
  const double y1 = std::clamp((box.y + shift_.y + box.h) / size_.height, 0.0, 1.0);
  return {x0, y0, x1 - x0, y1 - y0};
}

Why SelectorOfScene::WhyOf(double area, double age_s, double score) const {
  return {.aligned_px = shift_.Length() * width_ / size_.width,
          .illumination_delta = light_.delta,
          .changed_ratio = area / Pixels(),
          .settled_s = age_s,
          // Three times the threshold is as sure as it gets.  A guess.
          .score = std::clamp(score / 3, 0.0, 1.0)};
}

Image SelectorOfScene::Score() const {
  Image score = ScoreOf(reference().picture(), scene_.value(), Differing());
  cv::Mat& s = score.mat();
  s.setTo(0, reference().known().mat() == 0);
  if (border_ > 0) {
    const int rim = std::min(static_cast<int>(std::ceil(border_)), std::min(s.cols, s.rows) / 4);
    s.rowRange(0, rim).setTo(0);
    s.rowRange(s.rows - rim, s.rows).setTo(0);
    s.colRange(0, rim).setTo(0);
    s.colRange(s.cols - rim, s.cols).setTo(0);
  }
  // Leaves and water: what changes in more than three samples of ten counts less, what changes in
  // half of them nothing.  Tuned on wallflower_wavingtrees.
  for (int row = 0; row < s.rows; ++row) {
    auto* here = s.ptr<float>(row);
    const auto* restless = scene_.restless().mat().ptr<float>(row);
    for (int i = 0; i < s.cols; ++i) {
      here[i] *= std::clamp((0.5f - restless[i]) / 0.2f, 0.0f, 1.0f);
    }
  }
  return score;
}

Selection SelectorOfScene::Look(double settle_s, bool last) {
  Selection selection;
  if (!reference().frame()) {
    if (reference().KnownPart() < 0.5) return selection;
    reference().SetFrame(samples_.newest());
  }
  const Image score = Score();
  // A fiftieth of the picture apart: the bottle's cap and its body are one thing.
  std::vector<Candidate> candidates =
      FindCandidates(score, scene_.age_s(), Enough(settle_s), Share(0.02));
  if (WholePictureChanged(candidates, selection)) return selection;

  const cv::Mat strong = score.mat() >= 1;
  const cv::Mat young = scene_.age_s().mat() < static_cast<float>(Enough(settle_s));
  const Image calm = cv::Mat(score.mat() < kLowScore);
  const double transient = cv::countNonZero(strong & young) / Pixels();

  const Circumstances by{.policy = policy_,
                         .reference = reference(),
                         .scene = scene_,
                         .samples = samples_,
                         .calm = calm,
                         .settle_s = settle_s,
                         .patience_s = 4 * settle_s_,
                         .transient = transient,
                         .border_px = border_};
  std::vector<Settled> settled;
  std::vector<Box> waiting;
  std::vector<Box> soon;
  bool clean = true, took = false;
  for (Candidate& candidate : candidates) {
    const bool small = candidate.area < policy_.min_area * Pixels();
    if (!small) clean = false;
    Why why = WhyOf(candidate.area, candidate.age_s, candidate.score);
    const Judgement judgement = Judge(candidate, RegionOf(candidate.box), by, living_);
    switch (judgement.verdict) {
      case Verdict::kWait:
        if (small) break;
        waiting.push_back(candidate.box);
        if (candidate.age_s >= 0.5 * settle_s) soon.push_back(candidate.box);
        break;
      case Verdict::kSuppress:
        passing_.Forget(candidate.box);
        if (judgement.nudge_px > 0) why.aligned_px = judgement.nudge_px * width_ / size_.width;
        Suppress(judgement.reason, candidate.box, why, selection);
        reference().Take(candidate, scene_.value(), Share(0.01));
        took = true;
        break;
      case Verdict::kReport:
        settled.push_back({std::move(candidate), judgement.evidence, false});
        break;
    }
  }
  // Parts of one change do not settle at the same sample: wait a little for those that are near and
  // on their way.
  if (!last) {
    std::erase_if(settled, [&](const Settled& one) {
      const bool wait = one.candidate.age_s < 1.5 * settle_s &&
                        std::any_of(soon.begin(), soon.end(), [&](const Box& box) {
                          return Gap(box, one.candidate.box) < GroupGap();
                        });
      if (wait) waiting.push_back(one.candidate.box);
      return wait;
    });
  }
  if (!settled.empty()) {
    for (const Settled& one : settled) passing_.Forget(one.candidate.box);
    Report(std::move(settled), waiting.empty(), selection);
    took = true;
  }
  for (const auto& gone : passing_.Follow(waiting, elapsed_s_)) {
    Suppress(SuppressionReason::kTransient, gone.box, WhyOf(gone.box.Area(), 0, 0), selection);
  }
  // Ten settle times to follow slow light; every fourth sample is often enough for that.
  if (++samples_seen_ % 4 == 0) {
    reference().Adapt(scene_, score, Enough(settle_s),
                      static_cast<float>(std::min(0.3, 0.4 * interval_s_ / settle_s_)));
  }
  if (took) reference().Registered();
  KeepCleanFrame(clean && scene_.moving() < 0.01);
  return selection;
}

// More than half of the picture differs, or a fifth and no edge is where it was: another view or
// another light, not a change in it.
bool SelectorOfScene::WholePictureChanged(const std::vector<Candidate>& candidates,
                                          Selection& selection) {
  double changed = 0, settled = 0;
  for (const Candidate& candidate : candidates) {
    changed += candidate.area;
    settled += candidate.settled * candidate.area;
  }
  const double part = changed / (Pixels() * reference().KnownPart());
  if (part < 0.2) return false;
  const double likeness = reference().Likeness(scene_.value());
  // With so little in common it is another view, even where walls look like walls.  A guess.
  if (part < 0.5 && likeness > 0.2) return false;
  if (settled < 0.8 * changed) return true;  // Still under way.
  // 0.3: half-way between another view (0) and the same in another light (0.5 and more).  A guess.
  const auto reason =
      likeness > 0.3 ? SuppressionReason::kIllumination : SuppressionReason::kViewpoint;
  Suppress(reason, {0, 0, size_.width, size_.height}, WhyOf(changed, settle_s_, 3), selection);
  SwitchProfile();
  return true;
}

void SelectorOfScene::SwitchProfile() {
  WorkingPicture present = scene_.value();
  ApplyLight(light_, present);
  present = profiles_.Switch(std::move(present), Differing());
  const FramePtr newest = samples_.newest();
  samples_.Clear();
  samples_.Add(newest, present.y, 0);
  scene_.Start(present, interval_s_);
  living_.Clear();
  passing_.Clear();
  clean_.reset();
}

void SelectorOfScene::KeepCleanFrame(bool clean) {
  if (!clean) {
    clean_.reset();
    return;
  }
  // The one before: a hand may already reach into the newest.
  if (clean_) reference().SetFrame(clean_);
  clean_ = samples_.newest();
  // 0.06: fifteen grey levels.  Below that the thresholds, which are in the light of the reference,
  // hold well enough; doing it at every sample would add up rounding.
  if (light_.delta > 0.06) {
    reference().Relight(light_);
    reference().Registered();
    open().Relight(light_, size_.width, size_.height);
    ApplyLight(light_, scene_.value());
    samples_.Clear();
    samples_.Add(clean_, scene_.value().y, scene_.moving());
    light_ = {};
  }
}

void SelectorOfScene::Report(std::vector<Settled> settled, bool alone, Selection& selection) {
  const int reach = Share(0.03);
  const FramePtr before = reference().frame();
  double youngest = 1e9;
  for (const Settled& one : settled) {
    open().Mark(one.candidate, scene_.value(), Differing(), reach);
    youngest = std::min(youngest, one.candidate.age_s);
  }
  const std::vector<OpenChange> done = open().TakeRestored();
  for (const OpenChange& change : done) {
    SelectedPair pair{.step = EventType::kChangeResolved,
                      .event_id = change.id,
                      .reference = before,
                      .current = samples_.Calmest(youngest),
                      .regions = {},
                      .kind = change.kind,
                      .why = {}};
    double area = 0, score = 0;
    for (const OpenPart& part : change.parts) {
      area += part.candidate.area;
      score += part.candidate.score * part.candidate.area;
      pair.regions.push_back(RegionOf(part.candidate.box));
    }
    pair.why = WhyOf(area, youngest, score / area);
    selection.selected.push_back(std::move(pair));
  }
  // Most of it is explained by what is as it was; otherwise it is a change of its own, as the
  // return of one of two things is.  0.7 is a guess between one of two (0.5) and all.
  for (Settled& one : settled) one.restores = Covered(one.candidate, done) > 0.7;
  for (const Group& group : GroupSettled(std::move(settled), GroupGap(), 0.6 * settle_s_,
                                         reference().picture(), scene_.value())) {
    SelectedPair pair;
    double age = 1e9, area = 0, score = 0;
    for (const Settled& one : group.parts) {
      age = std::min(age, one.candidate.age_s);
      area += one.candidate.area;
      score += one.candidate.score * one.candidate.area;
      pair.regions.push_back(RegionOf(one.candidate.box));
    }
    pair.current = samples_.Calmest(age);
    pair.reference = before;
    pair.kind = group.kind;
    pair.why = WhyOf(area, age, score / area);
    OpenChange* recent = open().At(group.parts[0].candidate.box);
    if (group.restores) {
      // Told above.
    } else if (recent != nullptr && recent->before &&
               Seconds(pair.current->captured_at - recent->since) < settle_s_) {
      // Somebody is still at it: the same change goes on.
      pair.step = EventType::kChangeUpdated;
      pair.event_id = recent->id;
      pair.reference = recent->before;
      selection.selected.push_back(pair);
    } else {
      const Region& first = pair.regions[0];
      char place[64];
      std::snprintf(place, sizeof place, "|%.3f,%.3f,%.3f,%.3f", first.x, first.y, first.w,
                    first.h);
      pair.event_id = UlidOf(pair.current->captured_at,
                             camera_ + "|" + FormatTime(before->captured_at) + place);
      OpenChange change{.id = pair.event_id,
                        .kind = pair.kind,
                        .since = pair.current->captured_at,
                        .before = before,
                        .parts = {}};
      for (const Settled& one : group.parts) {
        change.parts.push_back(MakeOpenPart(one.candidate, reference().picture(), reach));
      }
      selection.selected.push_back(pair);
      if (const auto oldest = open().Add(std::move(change))) {
        SelectedPair accepted = pair;
        accepted.step = EventType::kChangeAccepted;
        accepted.event_id = oldest->id;
        accepted.kind = oldest->kind;
        accepted.regions.clear();
        for (const OpenPart& part : oldest->parts) {
          accepted.regions.push_back(RegionOf(part.candidate.box));
        }
        selection.selected.push_back(std::move(accepted));
      }
    }
    for (const Settled& one : group.parts) {
      reference().Take(one.candidate, scene_.value(), Share(0.01));
    }
    if (alone) {
      reference().SetFrame(pair.current);
    } else {
      reference().Compose(MaskOf(group), *pair.current, true);
    }
  }
  open().LetFramesGo(samples_.newest()->captured_at -
                     std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::duration<double>(settle_s_)));
  stats_.selected += selection.selected.size();
}

// The places of a group with some room around them, in working size.
Image SelectorOfScene::MaskOf(const Group& group) const {
  cv::Mat mask(size_.height, size_.width, CV_8U, cv::Scalar(0));
  for (const Settled& one : group.parts) {
    const Box& box = one.candidate.box;
    mask(cv::Rect(box.x, box.y, box.w, box.h)) |= one.candidate.mask.mat();
  }
  const int side = 2 * Share(0.015) + 1;
  cv::dilate(mask, mask, cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
  return Image(std::move(mask));
}

void SelectorOfScene::Suppress(SuppressionReason reason, const Box& box, const Why& why,
                               Selection& selection) {
  ++stats_.suppressed[static_cast<std::size_t>(reason)];
  selection.suppressed.push_back({.reason = reason,
                                  .at = MomentOf(*samples_.newest()),
                                  .regions = {RegionOf(box)},
                                  .why = why});
}

}  // namespace

Result<std::unique_ptr<PairSelector>> PairSelector::Create(const PairPolicy& policy,
                                                           std::string camera) {
  if (const Status status = CheckPolicy(policy); !status.ok()) return Failure(status);
  return std::make_unique<SelectorOfScene>(policy, std::move(camera));
}

}  // namespace stillwatch::select
