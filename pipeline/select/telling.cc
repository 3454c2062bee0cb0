#include "pipeline/select/telling.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/core/ulid.h"

namespace stillwatch::select {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// A step of a change that is known: its own places, its own kind.
SelectedPair StepOf(const OpenChange& change, EventType step, double age_s,
                    const TellingContext& by, const FramePtr& before) {
  SelectedPair pair{.step = step,
                    .event_id = change.id,
                    .reference = before,
                    .current = by.samples.Calmest(age_s),
                    .regions = {},
                    .kind = change.kind,
                    .why = {}};
  double area = 0, score = 0;
  for (const OpenPart& part : change.parts) {
    area += part.candidate.area;
    score += part.candidate.score * part.candidate.area;
    pair.regions.push_back(by.geometry.RegionOf(part.candidate.box));
  }
  pair.why = by.geometry.WhyOf(area, age_s, score / std::max(1.0, area));
  return pair;
}

SelectedPair PairOf(const Group& group, const TellingContext& by, const FramePtr& before) {
  SelectedPair pair;
  double age = 1e9, area = 0, score = 0;
  for (const Settled& one : group.parts) {
    age = std::min(age, one.candidate.age_s);
    area += one.candidate.area;
    score += one.candidate.score * one.candidate.area;
    pair.regions.push_back(by.geometry.RegionOf(one.candidate.box));
  }
  pair.current = by.samples.Calmest(age);
  pair.reference = before;
  pair.kind = group.kind;
  pair.why = by.geometry.WhyOf(area, age, score / area);
  return pair;
}

std::string IdOf(const SelectedPair& pair, const std::string& camera) {
  const Region& first = pair.regions[0];
  char place[64];
  std::snprintf(place, sizeof place, "|%.3f,%.3f,%.3f,%.3f", first.x, first.y, first.w, first.h);
  return UlidOf(pair.current->captured_at,
                camera + "|" + FormatTime(pair.reference->captured_at) + place);
}

// The places of a group with some room around them, in working size.
Image MaskOf(const Group& group, const Geometry& geometry) {
  cv::Mat mask(geometry.size.height, geometry.size.width, CV_8U, cv::Scalar(0));
  for (const Settled& one : group.parts) {
    const Box& box = one.candidate.box;
    mask(cv::Rect(box.x, box.y, box.w, box.h)) |= one.candidate.mask.mat();
  }
  const int side = 2 * geometry.Share(0.015) + 1;
  cv::dilate(mask, mask, cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
  return Image(std::move(mask));
}

// Opens the change; one that has to make room for it becomes the new normal.
void Open(OpenChange change, const SelectedPair& pair, const TellingContext& by, Profile& profile,
          Told& told) {
  told.opened.push_back(change);
  const auto oldest = profile.open.Add(std::move(change));
  if (!oldest || oldest->dismissed) return;
  SelectedPair accepted = pair;
  accepted.step = EventType::kChangeAccepted;
  accepted.event_id = oldest->id;
  accepted.kind = oldest->kind;
  accepted.regions.clear();
  for (const OpenPart& part : oldest->parts) {
    accepted.regions.push_back(by.geometry.RegionOf(part.candidate.box));
  }
  told.pairs.push_back(std::move(accepted));
}

void TellGroup(const Group& group, const TellingContext& by, const FramePtr& before, int reach,
               Profile& profile, Told& told) {
  SelectedPair pair = PairOf(group, by, before);
  OpenChange* recent = profile.open.At(group.parts[0].candidate.box);
  if (group.restores) {
    // Told already.
  } else if (recent != nullptr && recent->before &&
             Seconds(pair.current->captured_at - recent->since) < by.settle_s) {
    // Somebody is still at it: the same change goes on.
    if (!recent->dismissed) {
      pair.step = EventType::kChangeUpdated;
      pair.event_id = recent->id;
      pair.reference = recent->before;
      told.pairs.push_back(pair);
    }
  } else {
    pair.event_id = IdOf(pair, by.camera);
    OpenChange change{.id = pair.event_id,
                      .kind = pair.kind,
                      .since = pair.current->captured_at,
                      .before = before,
                      .parts = {}};
    for (const Settled& one : group.parts) {
      change.parts.push_back(MakeOpenPart(one.candidate, profile.reference.picture(), reach));
    }
    told.pairs.push_back(pair);
    Open(std::move(change), pair, by, profile, told);
  }
  for (const Settled& one : group.parts) {
    profile.reference.Take(one.candidate, by.scene.value(), by.geometry.Share(0.01));
  }
  if (by.alone) {
    profile.reference.SetFrame(pair.current);
  } else {
    profile.reference.Compose(MaskOf(group, by.geometry), *pair.current, true);
  }
}

}  // namespace

Told Tell(std::vector<Settled> settled, const TellingContext& by, Profile& profile) {
  Told told;
  const int reach = by.geometry.Share(0.03);
  const FramePtr before = profile.reference.frame();
  double youngest = 1e9;
  for (const Settled& one : settled) {
    profile.open.Mark(one.candidate, by.scene.value(), by.differing, reach);
    youngest = std::min(youngest, one.candidate.age_s);
  }
  std::vector<OpenChange> known = profile.open.TakeRestored();
  for (const OpenChange& change : known) {
    if (change.dismissed) continue;
    told.pairs.push_back(StepOf(change, EventType::kChangeResolved, youngest, by, before));
  }
  for (OpenChange& claim : profile.claims.TakeCovered(settled)) {
    SelectedPair pair = StepOf(claim, EventType::kChangeDetected, youngest, by, before);
    claim.since = pair.current->captured_at;
    claim.before = before;
    known.push_back(claim);
    if (!claim.dismissed) told.pairs.push_back(pair);
    Open(std::move(claim), pair, by, profile, told);
  }
  // Most of it is explained by what is known; otherwise it is a change of its own, as the return of
  // one of two things is.  0.7 is a guess between one of two (0.5) and all.
  for (Settled& one : settled) one.restores = Covered(one.candidate, known) > 0.7;
  for (const Group& group : GroupSettled(std::move(settled), by.group_gap_px, 0.6 * by.settle_s,
                                         profile.reference.picture(), by.scene.value())) {
    TellGroup(group, by, before, reach, profile, told);
  }
  profile.open.LetFramesGo(by.samples.newest()->captured_at -
                           std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::duration<double>(by.settle_s)));
  return told;
}

std::vector<SelectedPair> TellGoneClaims(const Image& calm, double settle_s,
                                         const TellingContext& by, Profile& profile) {
  std::vector<SelectedPair> pairs;
  if (profile.claims.size() == 0) return pairs;
  const Image settled(cv::Mat(by.scene.age_s().mat() >= static_cast<float>(settle_s)));
  for (const OpenChange& change : profile.claims.TakeCalm(calm, settled)) {
    if (change.dismissed) continue;
    pairs.push_back(
        StepOf(change, EventType::kChangeResolved, settle_s, by, profile.reference.frame()));
  }
  return pairs;
}

}  // namespace stillwatch::select
