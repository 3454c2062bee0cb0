#include "pipeline/select/pair_selector.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>

#include <opencv2/imgproc.hpp>

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
  void Start(FramePtr frame, WorkingPicture picture);
  void Resume(FramePtr frame, WorkingPicture picture);
  Selection Look(double settle_s, bool last);
  Image Score() const;
  bool WholePictureChanged(const std::vector<Candidate>& candidates, Selection& selection);
  void SwitchProfile();
  void Report(std::vector<Settled> settled, bool alone, Selection& selection);
  void ReportGoneClaims(const Image& calm, double settle_s, Selection& selection);
  void HoldState();
  void Await(const std::vector<SelectedPair>& pairs);
  void Suppress(SuppressionReason reason, const Box& box, const Why& why, Selection& selection);
  void KeepCleanFrame(bool clean);
  TellingContext Telling(bool alone) const;
  // In a series of pictures minutes apart, near in time means nothing.
  int GroupGap() const { return geometry_.Share(InSeries() ? 0.05 : 0.3); }
  bool InSeries() const { return interval_s_ >= kSeries_s; }
  // The first sample stands for an interval of its own; frames are not sampled to the millisecond.
  double Enough(double settle_s) const { return settle_s - 0.25 * interval_s_; }
  DifferencePolicy Differing() const { return {scene_.noise(), tolerance_}; }
  StateOwner Owner() const { return {camera_, policy_.view}; }

  const PairPolicy policy_;
  const std::string camera_;
  const double interval_s_, settle_s_, tolerance_;

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

void SelectorOfScene::Reset() {
  state_ = {};
  held_.reset();
  awaited_.clear();
  resumed_ = false;
  geometry_ = {};
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
  elapsed_s_ = state_.last
                   ? std::clamp(Seconds(frame->captured_at - *state_.last), 0.0, 1.5 * interval_s_)
                   : interval_s_;
  state_.last = frame->captured_at;
  WorkingPicture picture = MakeWorkingPicture(*frame, WorkingSizeOf(frame->width, frame->height));
  if (frame->width != state_.width || frame->height != state_.height) {
    Start(std::move(frame), std::move(picture));
    return {};
  }
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
  scene_.Add(picture, elapsed_s_, 4 * settle_s_);
  samples_.Add(std::move(frame), std::move(picture.y), scene_.moving());
  if (const auto learnt = reference().Learn(scene_, Enough(settle_s_), elapsed_s_,
                                            geometry_.Share(0.06), InSeries());
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
    reference().SetFrame(samples_.newest());
  }
  const Image score = Score();
  // A fiftieth of the picture apart: the bottle's cap and its body are one thing.
  std::vector<Candidate> candidates =
      FindCandidates(score, scene_.age_s(), Enough(settle_s), geometry_.Share(0.02));
  if (WholePictureChanged(candidates, selection)) return selection;

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
                         .border_px = border_};
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
        reference().Take(candidate, scene_.value(), geometry_.Share(0.01));
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
    for (OpenChanges* changes : {&profile().open, &profile().claims}) {
      changes->Relight(light_, state_.size.width, state_.size.height);
    }
    ApplyLight(light_, scene_.value());
    samples_.Clear();
    samples_.Add(clean_, scene_.value().y, scene_.moving());
    light_ = {};
  }
}

TellingContext SelectorOfScene::Telling(bool alone) const {
  return {.camera = camera_,
          .scene = scene_,
          .samples = samples_,
          .geometry = geometry_,
          .differing = Differing(),
          .settle_s = settle_s_,
          .group_gap_px = GroupGap(),
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
