#include "plugins/pairselector/pair_stream.h"

#include <utility>

namespace stillwatch::gst {

Result<PairStream> PairStream::Create(const PairStreamSettings& settings) {
  PairStream stream;
  if (settings.camera.empty()) return InvalidArgument("camera: must not be empty");
  stream.camera_ = settings.camera;
  if (!settings.start_time.empty()) {
    const auto time = ParseTime(settings.start_time);
    if (!time) {
      return InvalidArgument("start-time: wanted RFC 3339 like 2026-01-01T08:00:00Z, found '" +
                             settings.start_time + "'");
    }
    stream.given_origin_ = *time;
  }
  select::PairPolicy policy = settings.policy;
  policy.await_acknowledgement = !settings.state_file.empty() && settings.await_ack;
  auto selector = select::PairSelector::Create(policy, settings.camera);
  if (!selector) return Failure(selector.error());
  stream.selector_ = *std::move(selector);
  if (!settings.state_file.empty()) {
    auto keeper = state::StateKeeper::Open(settings.state_file, stream.selector_.get());
    if (!keeper) return Failure(keeper.error().WithContext("state-file"));
    stream.warning_ = keeper->note();
    stream.keeper_ = *std::move(keeper);
  }
  return stream;
}

PairStream::Records PairStream::Push(std::shared_ptr<Frame> frame,
                                     std::chrono::nanoseconds running_time, TimePoint now) {
  const auto since = std::chrono::steady_clock::now();
  if (!origin_) origin_ = given_origin_ ? *given_origin_ : now - running_time;
  frame->camera = camera_;
  frame->captured_at = *origin_ + running_time;
  latest_ = std::move(frame);
  if (given_origin_ && keeper_ && keeper_->resumed_at() &&
      latest_->captured_at <= *keeper_->resumed_at()) {
    return {};
  }
  Records records = RecordsOf(selector_->Push(latest_), since);
  if (keeper_) Keep(records.empty() ? keeper_->SaveIfDue() : keeper_->Save());
  return records;
}

PairStream::Records PairStream::Finish() {
  const auto since = std::chrono::steady_clock::now();
  if (!latest_) return {};
  Records records = RecordsOf(selector_->Finish(), since);
  if (keeper_) Keep(keeper_->Save());
  return records;
}

void PairStream::Acknowledge(const std::vector<AcknowledgedStep>& steps) {
  if (steps.empty()) return;
  for (const AcknowledgedStep& step : steps) selector_->Acknowledge(step.event_id, step.step);
  if (keeper_ && selector_->unacknowledged() == 0) Keep(keeper_->Save());
}

// A disk that is full is no reason to miss what happens in front of the camera.
void PairStream::Keep(const Status& saved) {
  if (!saved.ok() && !saving_fails_) {
    warning_ = saved.message() + "; events go on, and may come twice after a restart";
  }
  saving_fails_ = !saved.ok();
}

void PairStream::Reset() {
  selector_->Reset();
  origin_.reset();
  latest_.reset();
}

PairStream::Records PairStream::RecordsOf(select::Selection selection,
                                          std::chrono::steady_clock::time_point since) const {
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
  Records records;
  for (select::SelectedPair& pair : selection.selected) {
    records.push_back(
        std::make_shared<const PairRecord>(PairRecord{.step = pair.step,
                                                      .event_id = std::move(pair.event_id),
                                                      .camera = camera_,
                                                      .reference = std::move(pair.reference),
                                                      .current = std::move(pair.current),
                                                      .regions = std::move(pair.regions),
                                                      .kind = pair.kind,
                                                      .why = pair.why,
                                                      .select_ms = ms}));
  }
  return records;
}

}  // namespace stillwatch::gst
