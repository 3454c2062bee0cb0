#include <optional>
#include <utility>

#include "model/generate/batch.h"
#include "model/runtime/caption_model.h"
#include "model/runtime/captioner.h"

namespace stillwatch::model {
namespace {

class DirectCaptioner : public Captioner {
 public:
  explicit DirectCaptioner(std::unique_ptr<CaptionModel> model) : model_(std::move(model)) {}

  Result<CaptionResult> Caption(const CaptionRequest& request) override {
    return std::move(CaptionAll({&request, 1}, {})[0]);
  }

  std::vector<Result<CaptionResult>> CaptionAll(std::span<const CaptionRequest> requests,
                                                const CaptionProgress& progress) override;

  const ModelName& name() const override { return model_->name(); }

 private:
  const std::unique_ptr<CaptionModel> model_;
};

std::vector<Result<CaptionResult>> DirectCaptioner::CaptionAll(
    std::span<const CaptionRequest> requests, const CaptionProgress& progress) {
  std::vector<Result<CaptionResult>> results(requests.size(), Internal("not answered"));
  std::vector<std::optional<EncodedPair>> pairs(requests.size());
  std::vector<std::unique_ptr<CaptionStream>> streams(requests.size());
  DecodeBatch batch(&model_->decoder());
  std::size_t next = 0;
  while (next < requests.size() || !batch.members().empty()) {
    // Pairs are encoded when there is room for them: their prompts are large.
    bool full = false;
    while (next < requests.size() && !full) {
      auto& pair = pairs[next];
      if (!pair) {
        auto encoded = model_->Encode(requests[next]);
        Status status =
            encoded ? batch.CanWrite(*encoded->prompt, encoded->options) : encoded.error();
        if (status.code() == StatusCode::kResourceExhausted && !batch.members().empty()) {
          break;  // When others are done there is more memory.
        }
        if (!status.ok()) {
          results[next++] = Failure(std::move(status));
          continue;
        }
        pair = *std::move(encoded);
      }
      full = !batch.HasRoomFor(pair->options);
      if (full) break;
      const DecodeBatch::Newcomer newcomer = {
          .id = next, .prompt = pair->prompt.get(), .options = &pair->options};
      if (Status s = batch.Join({&newcomer, 1}); !s.ok()) {
        full = s.code() == StatusCode::kResourceExhausted && !batch.members().empty();
        if (full) break;
        results[next] = Failure(std::move(s));
        pair.reset();
      } else {
        pair->prompt.reset();  // In the decoder's slots now.
        if (progress) streams[next] = model_->Stream();
      }
      ++next;
    }
    const Status stepped = batch.Step();
    std::vector<std::uint64_t> gone;
    for (const DecodeBatch::Member& member : batch.members()) {
      if (!stepped.ok()) {
        results[member.id] = Failure(stepped);
        gone.push_back(member.id);
        continue;
      }
      if (progress) {
        const auto settled = member.generation->settled();
        if (!settled.empty()) progress(member.id, streams[member.id]->Text(settled));
      }
      if (!member.generation->done()) continue;
      results[member.id] = model_->Finish(*pairs[member.id], member.generation->result());
      gone.push_back(member.id);
    }
    for (const std::uint64_t id : gone) {
      batch.Leave(id);
      pairs[id].reset();
    }
  }
  return results;
}

}  // namespace

std::vector<Result<CaptionResult>> Captioner::CaptionAll(std::span<const CaptionRequest> requests,
                                                         const CaptionProgress&) {
  std::vector<Result<CaptionResult>> results;
  for (const CaptionRequest& request : requests) results.push_back(Caption(request));
  return results;
}

Status WarmUp(CaptionModel& model) {
  constexpr int kSide_px = 64;
  const std::vector<std::uint8_t> grey(std::size_t{kSide_px} * kSide_px * 3, 127);
  const Picture picture = {.rgb = grey, .width = kSide_px, .height = kSide_px};
  auto pair = model.Encode({.reference = picture, .current = picture});
  if (!pair) return pair.error();
  DecodeBatch batch(&model.decoder());
  const DecodeBatch::Newcomer newcomer = {
      .id = 0, .prompt = pair->prompt.get(), .options = &pair->options};
  if (Status s = batch.CanWrite(*pair->prompt, pair->options); !s.ok()) return s;
  if (Status s = batch.Join({&newcomer, 1}); !s.ok()) return s;
  constexpr int kSteps = 3;
  for (int i = 0; i < kSteps; ++i) {
    if (Status s = batch.Step(); !s.ok()) return s;
  }
  return {};
}

std::unique_ptr<Captioner> MakeCaptioner(std::unique_ptr<CaptionModel> model) {
  return std::make_unique<DirectCaptioner>(std::move(model));
}

}  // namespace stillwatch::model
