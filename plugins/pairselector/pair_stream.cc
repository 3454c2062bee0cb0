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
  auto selector = select::PairSelector::Create(settings.policy, settings.camera);
  if (!selector) return Failure(selector.error());
  stream.selector_ = *std::move(selector);
  return stream;
}

PairStream::Records PairStream::Push(std::shared_ptr<Frame> frame,
                                     std::chrono::nanoseconds running_time, TimePoint now) {
  const auto since = std::chrono::steady_clock::now();
  if (!origin_) origin_ = given_origin_ ? *given_origin_ : now - running_time;
  frame->camera = camera_;
  frame->captured_at = *origin_ + running_time;
  latest_ = std::move(frame);
  return RecordsOf(selector_->Push(latest_), since);
}

PairStream::Records PairStream::Finish() {
  const auto since = std::chrono::steady_clock::now();
  if (!latest_) return {};
  return RecordsOf(selector_->Finish(), since);
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
