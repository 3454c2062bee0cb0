#include "pipeline/state/state_keeper.h"

#include <cstdio>
#include <utility>

#include "pipeline/bus/jpeg.h"
#include "pipeline/core/durable_file.h"

namespace stillwatch::state {
namespace {

// Four profiles of an 8K camera with all their changes stay far below.  A guess.
constexpr std::size_t kMostBytes = std::size_t{256} << 20U;

// JPEG: the full-size pictures are for people and for the model, which get them as JPEG anyway.
select::PictureCodec Jpeg() {
  return {.encode = [](const Frame& frame) { return bus::EncodeJpeg(frame); },
          .decode = [](std::string_view bytes) { return bus::DecodeJpeg(bytes); }};
}

}  // namespace

Result<StateKeeper> StateKeeper::Open(const std::string& path, select::PairSelector* selector) {
  StateKeeper keeper(path, selector);
  const auto bytes = ReadWhole(path, kMostBytes);
  if (!bytes && bytes.error().code() != StatusCode::kNotFound) return Failure(bytes.error());
  if (bytes) {
    const Status restored = selector->Restore(*bytes, Jpeg());
    if (restored.ok()) {
      keeper.resumed_at_ = keeper.saved_at_ = selector->last_sample();
      return keeper;
    }
    const std::string aside = path + ".unusable";
    if (std::rename(path.c_str(), aside.c_str()) != 0) {
      return Unavailable(path + ": " + restored.message() + "; and it cannot be put aside as " +
                         aside);
    }
    keeper.note_ =
        path + ": " + restored.message() + "; put aside as " + aside + ", the scene is learnt anew";
  }
  // Now and not at the first event: who cannot write must know at the start.
  if (const Status status = keeper.Save(); !status.ok()) return Failure(status);
  return keeper;
}

Status StateKeeper::Save() {
  const auto bytes = selector_->SaveState(Jpeg());
  if (!bytes) return bytes.error().WithContext(path_);
  if (const Status status = WriteDurably(path_, *bytes); !status.ok()) return status;
  saved_at_ = selector_->last_sample();
  return {};
}

Status StateKeeper::SaveIfDue() {
  // What a restart may have to learn anew: a minute of light and of leaves.  A guess.
  constexpr std::chrono::seconds kPeriod{60};
  const auto now = selector_->last_sample();
  if (!now) return {};
  if (saved_at_ && *now - *saved_at_ < kPeriod && *now >= *saved_at_) return {};
  return Save();
}

}  // namespace stillwatch::state
