#include "pipeline/select/pair_selector.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/core/ulid.h"
#include "pipeline/select/camera_watch.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/difference.h"
#include "pipeline/select/geometry.h"
#include "pipeline/select/grouping.h"
#include "pipeline/select/judge.h"
#include "pipeline/select/light.h"
#include "pipeline/select/places.h"
#include "pipeline/select/recent_samples.h"
#include "pipeline/select/reference.h"
#include "pipeline/select/selector_state.h"
#include "pipeline/select/settled_scene.h"
#include "pipeline/select/telling.h"

namespace stillwatch::select {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

ChangeKind KindOfTrouble(EventType type) {
  switch (type) {
    case EventType::kCameraMoved:
      return ChangeKind::kViewpoint;
    case EventType::kCameraDark:
    case EventType::kCameraBright:
      return ChangeKind::kIllumination;
    default:
      return ChangeKind::kOther;
  }
}

// From here on it is a series of pictures and not a video: nobody stands that long.
constexpr double kSeries_s = 30;

class SelectorOfScene final : public PairSelector {
 public:
  SelectorOfScene(const PairPolicy& policy, std::string camera)
      : policy_(policy),
        camera_(std::move(camera)),
        // 1..100 -> 4 .. 1/4 of the thresholds.
        tolerance_(std::exp2((50 - policy.sensitivity) / 25.0)) {
    SetInterval(Seconds(policy.interval));
  }

  Selection Push(FramePtr frame) override;
  Selection Finish() override;
  void Reset() override;
  void Acknowledge(std::string_view event_id, EventType step) override;
  void Dismiss(std::string_view event_id) override;
  std::size_t unacknowledged() const override { return awaited_.size(); }
  Result<std::string> SaveState(const PictureCodec& codec) const override;
  Status Restore(std::string_view state, const PictureCodec& codec) override;
  std::optional<TimePoint> last_sample() const override { return state_.last; }
  const Stats& stats() const override { return stats_; }

 private:
  Profile& profile() { return state_.profiles.now(); }
  Reference& reference() { return profile().reference; }
  const Reference& reference() const { return state_.profiles.now().reference; }
  bool Usable(const FramePtr& frame);
  void SetInterval(double interval_s);
  void FollowInterval(double gap_s);
  void Start(FramePtr frame, WorkingPicture picture);
  void Resume(FramePtr frame, WorkingPicture picture);
  Selection Look(double settle_s, bool last);
  Image Score() const;
  bool CameraInTrouble(const WorkingPicture& raw, const FramePtr& frame, Selection& selection);
  bool WholePictureChanged(const std::vector<Candidate>& candidates, Selection& selection);
  void SwitchProfile();
  void Report(std::vector<Settled> settled, bool alone, Selection& selection);
  void ReportGoneClaims(const Image& calm, double settle_s, Selection& selection);
  void HoldState();
  void Await(const std::vector<SelectedPair>& pairs);
  void Suppress(SuppressionReason reason, const Box& box, const Why& why, Selection& selection);
  void KeepCleanFrame(bool clean);
  void FollowSeries(const Image& score);
  void AdoptLight();
  bool AnotherLight(const std::vector<Candidate>& candidates, Selection& selection);
  bool LooksGone(const Candidate& candidate) const;
  TellingContext Telling(bool alone) const;
  // In a series of pictures minutes apart, near in time means nothing.
  int GroupGap() const { return geometry_.Share(InSeries() ? 0.05 : 0.3); }
  // Around a place that the reference takes: its edges stayed below the threshold.  In a series
  // what lies around it may still become a change, and what does not is taken anyway.
  int Rim() const { return InSeries() ? 0 : geometry_.Share(0.01); }
  bool InSeries() const { return interval_s_ >= kSeries_s; }
  // The first sample stands for an interval of its own; frames are not sampled to the millisecond.
  double Enough(double settle_s) const { return settle_s - 0.25 * interval_s_; }
  DifferencePolicy Differing() const { return {scene_.noise(), tolerance_}; }
  StateOwner Owner() const { return {camera_, policy_.view}; }

  const PairPolicy policy_;
  const std::string camera_;
  const double tolerance_;

  double interval_s_ = 0, settle_s_ = 0;  // As the samples really come.
  std::deque<double> gaps_s_;             // Between the latest samples.

  SelectorState state_;   // `restless` is in scene_ and copied when the state is kept.
  bool resumed_ = false;  // Restored, and no frame seen since.
  // As state_ was before the first event that is not acknowledged.
  std::optional<SelectorState> held_;
  struct Awaited {
    std::string id;
    EventType step;
  };
  std::deque<Awaited> awaited_;  // Oldest first; empty unless held_.

  Geometry geometry_;
  SettledScene scene_;
  CameraWatch watch_;
  RecentSamples samples_;
  LivingPlaces living_;
  PassingPlaces passing_;
  FramePtr clean_;     // The last sample, if nothing differed in it.
  double border_ = 0;  // Working pixels at the rim that shakes have brought in lately.
  Light light_;
  double elapsed_s_ = 0;
  std::uint64_t samples_seen_ = 0;
  int late_ = 0;
  Stats stats_;
};

bool SelectorOfScene::Usable(const FramePtr& frame) {
  if (!frame || !IsComparable(*frame)) return false;
  if (state_.last && frame->captured_at <= *state_.last) {
    // A clock that was set back must not blind the camera for ever.
    constexpr int kStepOfClock = 32;
    if (++late_ < kStepOfClock) return false;
    state_.last.reset();
  }
  late_ = 0;
  return true;
}

void SelectorOfScene::SetInterval(double interval_s) {
  interval_s_ = interval_s;
  // One sample cannot be still, and somebody who stands looks still in three of them now and then
  // (one-by-one-person-detection).  In a series of pictures nobody stands that long.
  settle_s_ = std::max(Seconds(policy_.settle), (InSeries() ? 2 : 4) * interval_s_);
  samples_.SetTimes(interval_s_, settle_s_);
}

// A source may have fewer pictures than were asked for: one every five minutes, say.  The median of
// five gaps: a stream that stalls once is no series.
void SelectorOfScene::FollowInterval(double gap_s) {
  constexpr std::size_t kGaps = 5;
  gaps_s_.push_back(gap_s);
  if (gaps_s_.size() > kGaps) gaps_s_.pop_front();
  std::deque<double> sorted = gaps_s_;
  std::sort(sorted.begin(), sorted.end());
  // 1.5: frames are not sampled to the millisecond.
  const double asked = Seconds(policy_.interval), real = sorted[(sorted.size() - 1) / 2];
  const double interval = real > 1.5 * asked ? real : asked;
  if (std::abs(interval - interval_s_) > 0.1 * interval_s_) SetInterval(interval);
}

void SelectorOfScene::Reset() {
  gaps_s_.clear();
  SetInterval(Seconds(policy_.interval));
  state_ = {};
  held_.reset();
  awaited_.clear();
  resumed_ = false;
  geometry_ = {};
  watch_.Forget();
  samples_.Clear();
  living_.Clear();
  passing_.Clear();
  clean_.reset();
  border_ = 0;
  light_ = {};
  late_ = 0;
}

void SelectorOfScene::Start(FramePtr frame, WorkingPicture picture) {
  const auto last = state_.last;
  Reset();
  state_.last = last;
  state_.width = frame->width;
  state_.height = frame->height;
  state_.size = {picture.y.width(), picture.y.height()};
  geometry_ = {.width = frame->width, .size = state_.size, .shift = {}};
  scene_.Start(picture, interval_s_);
  reference().Start(picture);
  samples_.Add(std::move(frame), std::move(picture.y), 0);
}

// The first frame after a restart: nothing in it has been still for any time yet.
void SelectorOfScene::Resume(FramePtr frame, WorkingPicture picture) {
  resumed_ = false;
  scene_.Start(picture, interval_s_);
  scene_.RememberRestless(state_.restless);
  samples_.Add(std::move(frame), std::move(picture.y), 0);
}

Selection SelectorOfScene::Push(FramePtr frame) {
  if (!Usable(frame)) {
    ++stats_.ignored;
    return {};
  }
  ++stats_.pushed;
  // A gap in the stream proves no stillness.
  if (state_.last) FollowInterval(Seconds(frame->captured_at - *state_.last));
  elapsed_s_ = state_.last
                   ? std::clamp(Seconds(frame->captured_at - *state_.last), 0.0, 1.5 * interval_s_)
                   : interval_s_;
  state_.last = frame->captured_at;
  WorkingPicture picture = MakeWorkingPicture(*frame, WorkingSizeOf(frame->width, frame->height));
  if (frame->width != state_.width || frame->height != state_.height) {
    Start(std::move(frame), std::move(picture));
    return {};
  }
  Selection selection;
  const WorkingPicture raw = picture;
  const Shift shift = reference().FindShift(picture);
  if (shift.certain) RemoveShift(shift, picture);
  border_ = std::max(shift.certain ? std::ceil(shift.Length()) + 1 : 0, border_ - 0.25);
  light_ = FitLight(reference().picture(), picture);
  RemoveLight(light_, picture);
  geometry_.shift = shift;
  geometry_.light_delta = light_.delta;
  if (resumed_) {
    Resume(std::move(frame), std::move(picture));
    return {};
  }
  if (!InSeries() && reference().frame() && CameraInTrouble(raw, frame, selection)) {
    return selection;
  }
  scene_.Add(picture, elapsed_s_, interval_s_, 4 * settle_s_);
  samples_.Add(std::move(frame), std::move(picture.y), scene_.moving());
  if (const auto learnt = reference().Learn(scene_, Enough(settle_s_), elapsed_s_,
                                            geometry_.Share(0.06), InSeries());
      learnt && reference().frame()) {
    reference().Compose(*learnt, *samples_.newest(), false);
  }
  Selection found = Look(settle_s_, false);
  std::move(found.selected.begin(), found.selected.end(), std::back_inserter(selection.selected));
  selection.suppressed = std::move(found.suppressed);
  return selection;
}

// Trouble with the camera is told here, and nothing else is looked for while it lasts.
bool SelectorOfScene::CameraInTrouble(const WorkingPicture& raw, const FramePtr& frame,
                                      Selection& selection) {
  const CameraWatch::Sight sight = watch_.Look(reference().picture(), raw, geometry_.shift, frame);
  if (sight.tell) {
    const FramePtr before = reference().frame();
    HoldState();
    SelectorState::Trouble trouble{*sight.tell, state_.trouble.id};
    if (*sight.tell != EventType::kCameraRecovered) {
      trouble.id = UlidOf(frame->captured_at, camera_ + "|" + std::string(Name(trouble.type)));
      if (state_.claimed_trouble.type == trouble.type) trouble.id = state_.claimed_trouble.id;
      if (held_) held_->claimed_trouble = trouble;
    }
    state_.claimed_trouble = {};
    state_.trouble = watch_.told() ? trouble : SelectorState::Trouble{};
    Why why = geometry_.WhyOf(sight.difference.lost * geometry_.Pixels(), 0, 0);
    why.score = std::clamp(sight.difference.lost, 0.0, 1.0);
    selection.selected.push_back({.step = trouble.type,
                                  .event_id = trouble.id,
                                  .reference = before,
                                  .current = frame,
                                  .regions = {{0, 0, 1, 1}},
                                  .kind = KindOfTrouble(trouble.type),
                                  .why = why});
    Await(selection.selected);
    if (trouble.type == EventType::kCameraMoved) {
      scene_.Start(raw, interval_s_);
      samples_.Clear();
      samples_.Add(frame, raw.y, 0);
      light_ = {};
      SwitchProfile();
    }
  }
  return sight.trouble;
}

Selection SelectorOfScene::Finish() {
  if (samples_.empty()) return {};
  // Half the time, but never less than two samples of a video.
  Selection selection =
      Look(InSeries() ? 0.5 * settle_s_ : std::max(0.5 * settle_s_, 1.5 * interval_s_), true);
  for (int sample = 0; sample < 2; ++sample) {
    for (const auto& gone : passing_.Follow({}, 0)) {
      Suppress(SuppressionReason::kTransient, gone.box, geometry_.WhyOf(gone.box.Area(), 0, 0),
               selection);
    }
  }
  return selection;
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
    reference().SetFrame(InSeries() ? samples_.oldest() : samples_.newest());
  }
  Image score = Score();
  // A fiftieth of the picture apart: the bottle's cap and its body are one thing.  Of a series
  // minutes apart neighbours are two things.
  const int join = geometry_.Share(InSeries() ? 0.005 : 0.02);
  std::vector<Candidate> candidates = FindCandidates(score, scene_.age_s(), Enough(settle_s), join);
  if (WholePictureChanged(candidates, selection)) return selection;
  if (InSeries() && AnotherLight(candidates, selection)) return selection;
  // What has settled need not wait for what moves beside it: in a series that is another thing.
  if (InSeries()) {
    Image settled = score;
    settled.mat().setTo(0, scene_.age_s().mat() < static_cast<float>(Enough(settle_s)));
    candidates = FindCandidates(settled, scene_.age_s(), Enough(settle_s), join);
    // Nobody who passes takes a thing away: what is gone is told after one picture.
    Image young = score;
    young.mat().setTo(0, scene_.age_s().mat() >= static_cast<float>(Enough(settle_s)));
    for (Candidate& candidate : FindCandidates(young, scene_.age_s(), 0, join)) {
      if (LooksGone(candidate)) candidates.push_back(std::move(candidate));
    }
  }

  const cv::Mat strong = score.mat() >= 1;
  const cv::Mat young = scene_.age_s().mat() < static_cast<float>(Enough(settle_s));
  const Image calm = cv::Mat(score.mat() < kLowScore);
  const double transient = cv::countNonZero(strong & young) / geometry_.Pixels();

  const Circumstances by{.policy = policy_,
                         .reference = reference(),
                         .scene = scene_,
                         .samples = samples_,
                         .calm = calm,
                         .settle_s = settle_s,
                         .patience_s = 4 * settle_s_,
                         .transient = transient,
                         .border_px = border_,
                         .series = InSeries()};
  std::vector<Settled> settled;
  std::vector<Box> waiting;
  std::vector<Box> soon;
  bool clean = true, took = false;
  for (Candidate& candidate : candidates) {
    const bool small = candidate.area < policy_.min_area * geometry_.Pixels();
    if (!small) clean = false;
    Why why = geometry_.WhyOf(candidate.area, candidate.age_s, candidate.score);
    const Judgement judgement = Judge(candidate, geometry_.RegionOf(candidate.box), by, living_);
    switch (judgement.verdict) {
      case Verdict::kWait:
        if (small) break;
        waiting.push_back(candidate.box);
        if (candidate.age_s >= 0.5 * settle_s) soon.push_back(candidate.box);
        break;
      case Verdict::kSuppress:
        passing_.Forget(candidate.box);
        if (judgement.nudge_px > 0)
          why.aligned_px = judgement.nudge_px * geometry_.width / geometry_.size.width;
        Suppress(judgement.reason, candidate.box, why, selection);
        reference().Take(candidate, scene_.value(), Rim());
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
  ReportGoneClaims(calm, Enough(settle_s), selection);
  for (const auto& gone : passing_.Follow(waiting, elapsed_s_)) {
    Suppress(SuppressionReason::kTransient, gone.box, geometry_.WhyOf(gone.box.Area(), 0, 0),
             selection);
  }
  // Ten settle times to follow slow light; every fourth sample is often enough for that.
  ++samples_seen_;
  if (InSeries()) {
    FollowSeries(score);
    return selection;
  }
  if (samples_seen_ % 4 == 0) {
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
  const double part = changed / (geometry_.Pixels() * reference().KnownPart());
  if (part < 0.2) return false;
  const double likeness = reference().Likeness(scene_.value());
  // With so little in common it is another view, even where walls look like walls.  A guess.
  if (part < 0.5 && likeness > 0.2) return false;
  if (settled < 0.8 * changed) return true;  // Still under way.
  // 0.3: half-way between another view (0) and the same in another light (0.5 and more).  A guess.
  const auto reason =
      likeness > 0.3 ? SuppressionReason::kIllumination : SuppressionReason::kViewpoint;
  Suppress(reason, {0, 0, state_.size.width, state_.size.height},
           geometry_.WhyOf(changed, settle_s_, 3), selection);
  SwitchProfile();
  return true;
}

void SelectorOfScene::SwitchProfile() {
  watch_.Forget();
  WorkingPicture present = scene_.value();
  ApplyLight(light_, present);
  present = state_.profiles.Switch(std::move(present), Differing());
  const FramePtr newest = samples_.newest();
  samples_.Clear();
  samples_.Add(newest, present.y, 0);
  scene_.Start(present, interval_s_);
  living_.Clear();
  passing_.Clear();
  clean_.reset();
}

// Minutes apart, light and shadows never stop moving.  So what has been looked at is the past: all
// but the places that may still become a change.
void SelectorOfScene::FollowSeries(const Image& score) {
  Image open(cv::Mat(score.mat() >= kLowScore));
  open.mat() &= scene_.age_s().mat() < static_cast<float>(Enough(settle_s_));
  const int rim = 2 * geometry_.Share(0.01) + 1;
  cv::dilate(open.mat(), open.mat(), cv::getStructuringElement(cv::MORPH_RECT, {rim, rim}));
  reference().Follow(scene_.value(), open);
  reference().Compose(Image(cv::Mat(open.mat() == 0)), *samples_.newest(), true);
  AdoptLight();
}

// From night to day nothing can be told from its shadow: such a picture becomes the reference.
bool SelectorOfScene::AnotherLight(const std::vector<Candidate>& candidates, Selection& selection) {
  double changed = 0;
  for (const Candidate& candidate : candidates) changed += candidate.area;
  // 0.65: edges of pklot_morning's pictures correlate by 0.75 and more while its shadows wander and
  // thirty cars arrive, those of webcams_small by 0.55 and less from night to day.
  if (changed < 0.05 * geometry_.Pixels() || reference().Likeness(scene_.value()) > 0.65) {
    return false;
  }
  Suppress(SuppressionReason::kIllumination, {0, 0, state_.size.width, state_.size.height},
           geometry_.WhyOf(changed, settle_s_, 3), selection);
  FollowSeries(Image(cv::Mat(state_.size.height, state_.size.width, CV_32F, cv::Scalar(0))));
  return true;
}

// Without doubt a thing that is there no longer.
bool SelectorOfScene::LooksGone(const Candidate& candidate) const {
  // Hours apart, light takes away as much.  A guess.
  constexpr double kFarApart_s = 600;
  if (interval_s_ > kFarApart_s || candidate.area < 4 * policy_.min_area * geometry_.Pixels())
    return false;
  return IsGone(EvidenceOf(reference().picture(), scene_.value(), candidate, scene_.noise(),
                           geometry_.Share(0.015)));
}

void SelectorOfScene::AdoptLight() {
  reference().Relight(light_);
  reference().Registered();
  for (OpenChanges* changes : {&profile().open, &profile().claims}) {
    changes->Relight(light_, state_.size.width, state_.size.height);
  }
  ApplyLight(light_, scene_.value());
  const FramePtr newest = samples_.newest();
  samples_.Clear();
  samples_.Add(newest, scene_.value().y, scene_.moving());
  light_ = {};
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
  if (light_.delta > 0.06) AdoptLight();
}

TellingContext SelectorOfScene::Telling(bool alone) const {
  return {.camera = camera_,
          .scene = scene_,
          .samples = samples_,
          .geometry = geometry_,
          .differing = Differing(),
          .settle_s = settle_s_,
          .update_s = InSeries() ? 0 : settle_s_,
          .group_gap_px = GroupGap(),
          .rim_px = Rim(),
          .alone = alone};
}

void SelectorOfScene::Report(std::vector<Settled> settled, bool alone, Selection& selection) {
  HoldState();
  Told told = Tell(std::move(settled), Telling(alone), profile());
  if (held_) {
    // What is told now is found again after a restart, and must have its id then.
    if (Profile* then = held_->profiles.WithNumber(profile().number)) {
      for (OpenChange& change : told.opened) {
        change.before.reset();
        if (then->claims.WithId(change.id) == nullptr) then->claims.Add(std::move(change));
      }
    }
  }
  Await(told.pairs);
  for (SelectedPair& pair : told.pairs) selection.selected.push_back(std::move(pair));
}

void SelectorOfScene::ReportGoneClaims(const Image& calm, double settle_s, Selection& selection) {
  if (profile().claims.size() == 0) return;
  HoldState();
  auto pairs = TellGoneClaims(calm, settle_s, Telling(true), profile());
  Await(pairs);
  for (SelectedPair& pair : pairs) selection.selected.push_back(std::move(pair));
}

// Before something is told: what a restart would have to go back to.
void SelectorOfScene::HoldState() {
  if (!policy_.await_acknowledgement || held_) return;
  held_ = state_;
  held_->restless = scene_.restless();
}

void SelectorOfScene::Await(const std::vector<SelectedPair>& pairs) {
  stats_.selected += pairs.size();
  if (!held_) return;
  for (const SelectedPair& pair : pairs) awaited_.push_back({pair.event_id, pair.step});
  // Beyond that many nobody acknowledges any more: the oldest count as told.  A guess.
  constexpr std::size_t kMost = 1024;
  while (awaited_.size() > kMost) awaited_.pop_front();
  if (awaited_.empty()) held_.reset();
}

void SelectorOfScene::Acknowledge(std::string_view event_id, EventType step) {
  std::erase_if(awaited_,
                [&](const Awaited& one) { return one.id == event_id && one.step == step; });
  if (awaited_.empty()) held_.reset();
}

void SelectorOfScene::Dismiss(std::string_view event_id) {
  std::erase_if(awaited_, [&](const Awaited& one) { return one.id == event_id; });
  if (awaited_.empty()) held_.reset();
  for (SelectorState* state : {&state_, held_ ? &*held_ : nullptr}) {
    if (state == nullptr) continue;
    for (Profile* one : state->profiles.All()) {
      for (OpenChanges* changes : {&one->open, &one->claims}) {
        if (OpenChange* change = changes->WithId(event_id)) change->dismissed = true;
      }
    }
  }
}

Result<std::string> SelectorOfScene::SaveState(const PictureCodec& codec) const {
  if (held_) return EncodeState(*held_, Owner(), codec);
  if (resumed_ || state_.width == 0) return EncodeState(state_, Owner(), codec);
  SelectorState state = state_;
  state.restless = scene_.restless();
  return EncodeState(state, Owner(), codec);
}

Status SelectorOfScene::Restore(std::string_view bytes, const PictureCodec& codec) {
  Reset();
  auto state = DecodeState(bytes, Owner(), codec);
  if (!state) return state.error();
  state_ = *std::move(state);
  resumed_ = state_.width > 0;
  if (IsCamera(state_.trouble.type)) watch_.Restore(state_.trouble.type);
  geometry_ = {.width = state_.width, .size = state_.size, .shift = {}};
  return {};
}

void SelectorOfScene::Suppress(SuppressionReason reason, const Box& box, const Why& why,
                               Selection& selection) {
  ++stats_.suppressed[static_cast<std::size_t>(reason)];
  selection.suppressed.push_back({.reason = reason,
                                  .at = MomentOf(*samples_.newest()),
                                  .regions = {geometry_.RegionOf(box)},
                                  .why = why});
}

}  // namespace

Result<std::unique_ptr<PairSelector>> PairSelector::Create(const PairPolicy& policy,
                                                           std::string camera) {
  if (const Status status = CheckPolicy(policy); !status.ok()) return Failure(status);
  return std::make_unique<SelectorOfScene>(policy, std::move(camera));
}

}  // namespace stillwatch::select
