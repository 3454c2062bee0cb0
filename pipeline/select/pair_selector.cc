#include "pipeline/select/pair_selector.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <optional>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/core/ulid.h"
#include "pipeline/select/candidates.h"
#include "pipeline/select/difference.h"
#include "pipeline/select/evidence.h"
#include "pipeline/select/light.h"
#include "pipeline/select/open_changes.h"
#include "pipeline/select/registration.h"
#include "pipeline/select/settled_scene.h"

namespace stillwatch::select {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

cv::Rect RectOf(const Box& box) { return {box.x, box.y, box.w, box.h}; }

// A candidate that has settled and is a change of the scene.
struct Accepted {
  Candidate candidate;
  Evidence evidence;
  ChangeKind kind = ChangeKind::kOther;
  bool restores = false;
};

// A sampled frame that may become somebody's current picture.
struct Sample {
  FramePtr frame;
  double moving = 0;  // Part of the picture that had just changed.
  Image y{};          // Brightness in the light and the place of the reference.
};

// A place where something stands that does not keep still.
struct Living {
  Box box;
  TimePoint last{};  // When it was last seen to sway.
};

// Something that differs and has not settled; kept to count it once when it goes.
struct Passing {
  Box box;
  int samples = 0;
  bool seen = false;
};

class SelectorOfScene final : public PairSelector {
 public:
  SelectorOfScene(const PairPolicy& policy, std::string camera)
      : policy_(policy),
        camera_(std::move(camera)),
        interval_s_(Seconds(policy.interval)),
        settle_s_(std::max(Seconds(policy.settle), 2 * interval_s_)),
        // 1..100 -> 4 .. 1/4 of the thresholds.
        tolerance_(std::exp2((50 - policy.sensitivity) / 25.0)) {}

  Selection Push(FramePtr frame) override;
  Selection Finish() override;
  void Reset() override;
  const Stats& stats() const override { return stats_; }

 private:
  bool Usable(const FramePtr& frame);
  void Start(FramePtr frame, WorkingPicture picture);
  void LearnUnknown();
  Selection Look(double settle_s);
  WorkingPicture Present(double settle_s) const;
  void Take(const Candidate& candidate);
  void TakeEverything();
  FramePtr CurrentFor(double age_s) const;
  void ReferenceMovesOn(const std::vector<Region>& regions, const FramePtr& current);
  void Report(std::vector<Accepted> accepted, Selection& selection);
  void Suppress(SuppressionReason reason, const std::vector<Box>& boxes, Why why,
                Selection& selection);
  void FollowPassing(const std::vector<Candidate>& candidates, Selection& selection);
  bool Sways(const Candidate& candidate, double settle_s);
  double SwayOf(const Candidate& candidate, double settle_s) const;
  void Adapt(const Image& score);
  Region RegionOf(const Box& box) const;
  DifferencePolicy Differing() const { return {scene_.noise(), tolerance_}; }
  int Pixels(double fraction) const {
    return std::max(1,
                    static_cast<int>(std::lround(fraction * std::max(size_.width, size_.height))));
  }
  double Settled(double settle_s) const { return settle_s - 0.25 * interval_s_; }

  const PairPolicy policy_;
  const std::string camera_;
  const double interval_s_, settle_s_, tolerance_;

  int width_ = 0, height_ = 0;  // Of the frames.
  WorkingSize size_;
  Registrar registrar_;
  WorkingPicture reference_;
  Image known_;  // 8 bit: 255 where the reference has been seen settled.
  SettledScene scene_;
  OpenChanges open_;
  FramePtr reference_frame_;
  FramePtr clean_;  // The last sample, if nothing differed in it.
  std::deque<Sample> samples_;
  std::vector<Passing> passing_;
  std::vector<Living> living_;
  Shift shift_;
  Light light_;
  std::optional<TimePoint> last_;
  int late_ = 0;
  Stats stats_;
};

bool SelectorOfScene::Usable(const FramePtr& frame) {
  constexpr int kSmallest = 16;  // Pixels a side: less cannot be registered.
  constexpr int kLargest =
      1 << 15;  // Pixels a side: width * height * 3 still fits an int64 easily.
  if (!frame || frame->width < kSmallest || frame->height < kSmallest || frame->width > kLargest ||
      frame->height > kLargest) {
    return false;
  }
  const auto bytes =
      static_cast<std::size_t>(frame->width) * static_cast<std::size_t>(frame->height) * 3;
  if (frame->rgb.size() != bytes) return false;
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
  open_.Clear();
  reference_frame_.reset();
  clean_.reset();
  samples_.clear();
  passing_.clear();
  living_.clear();
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
  registrar_.SetReference(picture);
  known_ = Image(cv::Mat(picture.y.mat().size(), CV_8U, cv::Scalar(0)));
  reference_ = std::move(picture);
  samples_.push_back({std::move(frame), 0, reference_.y});
}

Selection SelectorOfScene::Push(FramePtr frame) {
  if (!Usable(frame)) {
    ++stats_.ignored;
    return {};
  }
  ++stats_.pushed;
  const double elapsed =
      last_ ? std::clamp(Seconds(frame->captured_at - *last_), 0.0, 1.5 * interval_s_)
            : interval_s_;
  last_ = frame->captured_at;
  const WorkingSize size = WorkingSizeOf(frame->width, frame->height);
  WorkingPicture picture = MakeWorkingPicture(*frame, size);
  if (frame->width != width_ || frame->height != height_) {
    Start(std::move(frame), std::move(picture));
    return {};
  }
  shift_ = registrar_.Find(picture);
  if (shift_.certain) RemoveShift(shift_, picture);
  if (std::getenv("SW_DEBUG") && shift_.certain)
    std::fprintf(stderr, "SHIFT %.2f %.2f\n", shift_.x, shift_.y);
  light_ = FitLight(reference_, picture);
  RemoveLight(light_, picture);
  scene_.Add(picture, elapsed, 4 * settle_s_);
  LearnUnknown();

  constexpr std::size_t kSamples = 8;
  // Of more samples than eight in a settle time only some are kept, the newest always.
  const double spacing = settle_s_ / kSamples;
  if (samples_.size() >= 2 &&
      Seconds(samples_.back().frame->captured_at -
              samples_[samples_.size() - 2].frame->captured_at) < 0.9 * spacing) {
    samples_.pop_back();
  }
  samples_.push_back({std::move(frame), scene_.moving(), std::move(picture.y)});
  if (samples_.size() > kSamples) samples_.pop_front();
  return Look(settle_s_);
}

Selection SelectorOfScene::Finish() {
  if (size_.width == 0 || samples_.empty()) return {};
  return Look(std::max(0.5 * settle_s_, 1.5 * interval_s_));
}

// What was hidden or moving so far becomes reference without a word once it has settled, together
// with its surroundings: the middle of a person who stands is still, the outline is not.
void SelectorOfScene::LearnUnknown() {
  const cv::Mat& known = known_.mat();
  if (cv::countNonZero(known) == static_cast<int>(known.total())) return;
  const cv::Mat settled = scene_.age_s().mat() >= static_cast<float>(Settled(settle_s_));
  cv::Mat calm;
  const int reach = Pixels(0.02) | 1;
  cv::erode(settled, calm, cv::getStructuringElement(cv::MORPH_RECT, {reach, reach}));
  // What has been still for long is still, whatever its neighbours do.
  calm |= settled & (scene_.age_s().mat() >= static_cast<float>(3 * settle_s_));
  calm &= ~known;
  if (cv::countNonZero(calm) == 0) return;
  scene_.value().y.mat().copyTo(reference_.y.mat(), calm);
  scene_.value().cr.mat().copyTo(reference_.cr.mat(), calm);
  scene_.value().cb.mat().copyTo(reference_.cb.mat(), calm);
  known_.mat() |= calm;
  if (!reference_frame_ && 2 * cv::countNonZero(known_.mat()) > static_cast<int>(known.total())) {
    reference_frame_ = samples_.back().frame;
  }
}

Region SelectorOfScene::RegionOf(const Box& box) const {
  // Working pixels are those of the reference; the report speaks of the current picture.
  const double x0 = std::clamp((box.x + (shift_.certain ? shift_.x : 0)) / size_.width, 0.0, 1.0);
  const double y0 = std::clamp((box.y + (shift_.certain ? shift_.y : 0)) / size_.height, 0.0, 1.0);
  const double x1 = std::clamp(x0 + static_cast<double>(box.w) / size_.width, 0.0, 1.0);
  const double y1 = std::clamp(y0 + static_cast<double>(box.h) / size_.height, 0.0, 1.0);
  return {x0, y0, x1 - x0, y1 - y0};
}

Selection SelectorOfScene::Look(double settle_s) {
  Selection selection;
  if (!reference_frame_) return selection;
  Image score = ScoreOf(reference_, scene_.value(), Differing());
  score.mat().setTo(0, known_.mat() == 0);
  // Leaves and water: what changes in more than three samples of ten is never called settled.
  for (int row = 0; row < score.height(); ++row) {
    auto* s = score.mat().ptr<float>(row);
    const auto* restless = scene_.restless().mat().ptr<float>(row);
    for (int i = 0; i < score.width(); ++i) {
      s[i] *= std::clamp((0.5f - restless[i]) / 0.2f, 0.0f, 1.0f);
    }
  }
  const std::vector<Candidate> candidates =
      FindCandidates(score, scene_.age_s(), Settled(settle_s), Pixels(0.02));

  const double total = static_cast<double>(size_.width) * size_.height;
  int changed = 0;
  double settled = 0;
  for (const Candidate& candidate : candidates) {
    changed += candidate.area;
    settled += candidate.settled * candidate.area;
  }
  const Why base{.aligned_px = (shift_.certain ? shift_.Length() : 0) * width_ / size_.width,
                 .illumination_delta = light_.delta,
                 .changed_ratio = changed / total,
                 .settled_s = settle_s,
                 .score = 0};
  // More than half of the picture: this is another view or another light, not a change in it.
  if (changed > 0.5 * total) {
    if (settled > 0.8 * changed) {
      Suppress(SuppressionReason::kViewpoint, {{0, 0, size_.width, size_.height}}, base, selection);
      TakeEverything();
    }
    return selection;
  }

  std::vector<Accepted> accepted;
  bool clean = true;
  const cv::Mat strong = score.mat() >= 1;
  const cv::Mat young = scene_.age_s().mat() < static_cast<float>(Settled(settle_s));
  const double transient = cv::countNonZero(strong & young) / total;
  constexpr double kShadowsPatience = 3.5;  // Below the age that SettledScene counts up to.
  for (const Candidate& candidate : candidates) {
    Why why = base;
    why.changed_ratio = candidate.area / total;
    why.settled_s = candidate.age_s;
    why.score = std::min(1.0, candidate.score / 3);
    const bool small = candidate.area < policy_.min_area * total;
    if (!small) clean = false;
    // Nine tenths: what touches something that moves is not finished.
    if (candidate.settled < 0.9) continue;
    if (small) {
      if (candidate.age_s < 3 * settle_s) continue;
      Suppress(SuppressionReason::kTooSmall, {candidate.box}, why, selection);
      Take(candidate);
      continue;
    }
    const Region region = RegionOf(candidate.box);
    if (std::any_of(policy_.ignore.begin(), policy_.ignore.end(),
                    [&](const Polygon& polygon) { return Coverage(polygon, region) > 0.5; })) {
      Suppress(SuppressionReason::kMasked, {candidate.box}, why, selection);
      Take(candidate);
      continue;
    }
    const Evidence evidence =
        EvidenceOf(reference_, scene_.value(), candidate, scene_.noise(), Pixels(0.015));
    if (std::getenv("SW_DEBUG")) {
      std::fprintf(
          stderr,
          "frame %ld box %d %d %d %d area %d settled %.2f age %.2f score %.2f contrast %.1f "
          "colour %.1f sharp %.3f struct %.2f tex %.1f out %.1f>%.1f blend %.1f>%.1f "
          "nudge %.1f left %.2f noise %.2f kind %s SWAY %.3f\n",
          samples_.back().frame->index.value_or(-1), candidate.box.x, candidate.box.y,
          candidate.box.w, candidate.box.h, candidate.area, candidate.settled, candidate.age_s,
          candidate.score, evidence.contrast, evidence.colour, evidence.sharpness,
          evidence.structure, evidence.texture, evidence.outline_reference,
          evidence.outline_present, evidence.blend_reference, evidence.blend_present,
          evidence.nudge_px, evidence.nudge_left, scene_.noise(),
          std::string(Name(KindOf(evidence))).c_str(), SwayOf(candidate, settle_s));
    }
    // The faintest third of what can be seen at all: slow drifts of colour and of dark corners.
    constexpr double kFaint = 0.95;
    if (candidate.score < kFaint) {
      Suppress(SuppressionReason::kTooSmall, {candidate.box}, why, selection);
      Take(candidate);
      continue;
    }
    if (IsLight(evidence, scene_.noise())) {
      Suppress(SuppressionReason::kIllumination, {candidate.box}, why, selection);
      Take(candidate);
      continue;
    }
    // Shadows, reflections and exposure come with what moves, and mostly go with it.
    if ((LooksLikeShadow(evidence) || candidate.score < 1.5) && transient > 0.005 &&
        candidate.age_s < kShadowsPatience * settle_s) {
      continue;
    }
    if (IsNudge(evidence)) {
      why.aligned_px = evidence.nudge_px * width_ / size_.width;
      Suppress(SuppressionReason::kTooSmall, {candidate.box}, why, selection);
      Take(candidate);
      continue;
    }
    if (Sways(candidate, settle_s)) continue;
    accepted.push_back({candidate, evidence, KindOf(evidence), false});
  }
  if (!accepted.empty()) Report(std::move(accepted), selection);
  FollowPassing(candidates, selection);
  Adapt(score);

  if (clean && scene_.moving() < 0.01) {
    if (clean_) reference_frame_ = clean_;
    clean_ = samples_.back().frame;
  } else {
    clean_.reset();
  }
  return selection;
}

void SelectorOfScene::Take(const Candidate& candidate) {
  // Half a join wider than the mask: the rim that stayed below the lower threshold goes along.
  const int rim = Pixels(0.01);
  const Box box = Grown(candidate.box, rim, size_.width, size_.height);
  cv::Mat mask(box.h, box.w, CV_8U, cv::Scalar(0));
  candidate.mask.mat().copyTo(mask(cv::Rect(candidate.box.x - box.x, candidate.box.y - box.y,
                                            candidate.box.w, candidate.box.h)));
  cv::dilate(mask, mask, cv::getStructuringElement(cv::MORPH_RECT, {2 * rim + 1, 2 * rim + 1}));
  const cv::Rect rect = RectOf(box);
  cv::Mat to_y = reference_.y.mat()(rect), to_cr = reference_.cr.mat()(rect),
          to_cb = reference_.cb.mat()(rect);
  scene_.value().y.mat()(rect).copyTo(to_y, mask);
  scene_.value().cr.mat()(rect).copyTo(to_cr, mask);
  scene_.value().cb.mat()(rect).copyTo(to_cb, mask);
}

void SelectorOfScene::TakeEverything() {
  reference_ = scene_.value();
  registrar_.SetReference(reference_);
  reference_frame_ = samples_.back().frame;
  open_.Clear();
  passing_.clear();
  living_.clear();
}

FramePtr SelectorOfScene::CurrentFor(double age_s) const {
  const TimePoint now = samples_.back().frame->captured_at;
  const Sample* best = &samples_.back();
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    if (Seconds(now - sample->frame->captured_at) > age_s - interval_s_) break;
    if (sample->moving < 0.8 * best->moving) best = &*sample;
  }
  return best->frame;
}

// The reference is a real frame; where events followed each other too closely for a clean one,
// the changed places are copied from the frames that showed them settled.
void SelectorOfScene::ReferenceMovesOn(const std::vector<Region>& regions,
                                       const FramePtr& current) {
  auto next = std::make_shared<Frame>(*reference_frame_);
  next->captured_at = current->captured_at;
  next->index = current->index;
  next->pts = current->pts;
  const int rim = std::max(width_, height_) / 50;
  for (const Region& region : regions) {
    const int x0 = std::max(0, static_cast<int>(region.x * width_) - rim);
    const int y0 = std::max(0, static_cast<int>(region.y * height_) - rim);
    const int x1 = std::min(width_, static_cast<int>((region.x + region.w) * width_) + rim);
    const int y1 = std::min(height_, static_cast<int>((region.y + region.h) * height_) + rim);
    for (int row = y0; row < y1; ++row) {
      const auto from = (static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) +
                         static_cast<std::size_t>(x0)) *
                        3;
      const auto count = static_cast<std::size_t>(x1 - x0) * 3;
      std::copy_n(current->rgb.begin() + static_cast<std::ptrdiff_t>(from), count,
                  next->rgb.begin() + static_cast<std::ptrdiff_t>(from));
    }
  }
  reference_frame_ = std::move(next);
}

void SelectorOfScene::Report(std::vector<Accepted> accepted, Selection& selection) {
  const double total = static_cast<double>(size_.width) * size_.height;
  const int reach = Pixels(0.03);
  std::vector<std::vector<Accepted>> groups;
  for (Accepted& one : accepted) {
    one.restores = open_.Restore(one.candidate, scene_.value(), Differing(), reach);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& others) {
      return others[0].restores == one.restores && others[0].kind == one.kind &&
             std::any_of(others.begin(), others.end(), [&](const Accepted& other) {
               return Gap(other.candidate.box, one.candidate.box) < Pixels(0.3);
             });
    });
    if (group == groups.end()) group = groups.insert(groups.end(), std::vector<Accepted>{});
    group->push_back(std::move(one));
  }
  const FramePtr before = reference_frame_;
  for (const auto& group : groups) {
    SelectedPair pair;
    double age = group[0].candidate.age_s;
    int area = 0;
    double score = 0;
    for (const Accepted& one : group) {
      age = std::min(age, one.candidate.age_s);
      area += one.candidate.area;
      score += one.candidate.score * one.candidate.area;
      pair.regions.push_back(RegionOf(one.candidate.box));
    }
    pair.current = CurrentFor(age);
    pair.reference = before;
    pair.kind = group[0].kind;
    pair.why = {.aligned_px = (shift_.certain ? shift_.Length() : 0) * width_ / size_.width,
                .illumination_delta = light_.delta,
                .changed_ratio = area / total,
                .settled_s = age,
                .score = std::min(1.0, score / area / 3)};
    if (group[0].restores) {
      for (OpenChange& done : open_.TakeRestored()) {
        SelectedPair resolved = pair;
        resolved.step = EventType::kChangeResolved;
        resolved.event_id = done.id;
        resolved.kind = done.kind;
        selection.selected.push_back(std::move(resolved));
      }
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
      for (const Accepted& one : group) {
        change.parts.push_back(MakeOpenPart(one.candidate, reference_, reach));
      }
      open_.Add(std::move(change));
      selection.selected.push_back(pair);
    }
    for (const Accepted& one : group) Take(one.candidate);
    ReferenceMovesOn(pair.regions, pair.current);
  }
  registrar_.SetReference(reference_);
  stats_.selected += selection.selected.size();
}

void SelectorOfScene::Suppress(SuppressionReason reason, const std::vector<Box>& boxes, Why why,
                               Selection& selection) {
  SuppressedPair pair{
      .reason = reason, .at = MomentOf(*samples_.back().frame), .regions = {}, .why = why};
  for (const Box& box : boxes) pair.regions.push_back(RegionOf(box));
  ++stats_.suppressed[static_cast<std::size_t>(reason)];
  selection.suppressed.push_back(std::move(pair));
}

// How far the edges of the candidate wander while it is said to be still, in working pixels: the
// largest over the samples of its settle time, each against the newest.
double SelectorOfScene::SwayOf(const Candidate& candidate, double settle_s) const {
  const TimePoint now = samples_.back().frame->captured_at;
  const cv::Rect rect = RectOf(candidate.box);
  const cv::Mat newest = samples_.back().y.mat()(rect);
  cv::Mat gx, gy, gradient;
  cv::Sobel(newest, gx, CV_32F, 1, 0, 3, 1.0 / 8);
  cv::Sobel(newest, gy, CV_32F, 0, 1, 3, 1.0 / 8);
  cv::magnitude(gx, gy, gradient);
  cv::Mat edges = gradient > 4 + 2 * scene_.noise();
  edges &= candidate.mask.mat();
  const int count = cv::countNonZero(edges);
  if (count < 8) return 0;
  const double steepness = cv::mean(gradient, edges)[0];
  double sway = 0;
  for (auto sample = samples_.rbegin() + 1; sample != samples_.rend(); ++sample) {
    if (Seconds(now - sample->frame->captured_at) > settle_s - 0.75 * interval_s_) break;
    cv::Mat difference;
    cv::absdiff(newest, sample->y.mat()(rect), difference);
    difference -= 1.5 * scene_.noise();
    cv::max(difference, 0.0, difference);
    sway = std::max(sway, cv::mean(difference, edges)[0] / steepness);
  }
  return sway;
}

// People sway by a third of a pixel and more while they stand (one-by-one-person-detection: 0.35 to
// 0.9 when they arrive, now and then only 0.2); what has been put down does not
// (bottle-detection: 0.02 to 0.19 just after the hand is gone).
bool SelectorOfScene::Sways(const Candidate& candidate, double settle_s) {
  constexpr double kStill = 0.2, kLiving = 0.25;
  // Who has swayed must keep still for four times as long to be a thing.
  constexpr double kPatience = 4;
  const TimePoint now = samples_.back().frame->captured_at;
  std::erase_if(living_, [&](const Living& living) {
    return Seconds(now - living.last) > kPatience * settle_s_;
  });
  auto here = std::find_if(living_.begin(), living_.end(), [&](const Living& living) {
    return Iou(living.box, candidate.box) > 0.4;
  });
  const double sway = SwayOf(candidate, settle_s);
  if (sway > kLiving) {
    if (here == living_.end()) here = living_.insert(here, Living{});
    *here = {candidate.box, now};
    return true;
  }
  return sway > kStill || here != living_.end();
}

void SelectorOfScene::FollowPassing(const std::vector<Candidate>& candidates,
                                    Selection& selection) {
  (void)candidates;
  (void)selection;
}

void SelectorOfScene::Adapt(const Image& score) {
  // What agrees drifts along: slow light that no smooth field explains.
  const float rate = static_cast<float>(std::min(0.2, 0.1 * interval_s_ / settle_s_));
  const auto settled = static_cast<float>(Settled(settle_s_));
  for (int row = 0; row < score.height(); ++row) {
    const auto* s = score.mat().ptr<float>(row);
    const auto* age = scene_.age_s().mat().ptr<float>(row);
    for (auto [to, from] : {std::pair{&reference_.y, &scene_.value().y},
                            std::pair{&reference_.cr, &scene_.value().cr},
                            std::pair{&reference_.cb, &scene_.value().cb}}) {
      auto* r = to->mat().ptr<float>(row);
      const auto* v = from->mat().ptr<float>(row);
      for (int i = 0; i < score.width(); ++i) {
        if (age[i] >= settled && s[i] < kLowScore) r[i] += rate * (v[i] - r[i]);
      }
    }
  }
}

}  // namespace

Result<std::unique_ptr<PairSelector>> PairSelector::Create(const PairPolicy& policy,
                                                           std::string camera) {
  using std::chrono::milliseconds;
  if (policy.interval <= milliseconds(0)) {
    return InvalidArgument("selection.interval: must be above 0, found " +
                           FormatDuration(policy.interval));
  }
  if (policy.settle <= milliseconds(0)) {
    return InvalidArgument("selection.settle: must be above 0, found " +
                           FormatDuration(policy.settle));
  }
  if (!(policy.min_area > 0) || policy.min_area >= 0.5) {
    return InvalidArgument("selection.min_area: must be above 0 and below 0.5, found " +
                           std::to_string(policy.min_area));
  }
  if (policy.sensitivity < 1 || policy.sensitivity > 100) {
    return InvalidArgument("selection.sensitivity: must be within 1..100, found " +
                           std::to_string(policy.sensitivity));
  }
  for (const Polygon& polygon : policy.ignore) {
    if (polygon.size() < 3) {
      return InvalidArgument("selection.ignore: a polygon needs at least 3 points, found " +
                             std::to_string(polygon.size()));
    }
  }
  return std::make_unique<SelectorOfScene>(policy, std::move(camera));
}

}  // namespace stillwatch::select
