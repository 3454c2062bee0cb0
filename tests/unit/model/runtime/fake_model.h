// FakeModel: a CaptionModel without a network, for the server's and the captioner's tests.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/runtime/caption_model.h"
#include "tests/unit/model/generate/fake_decoder.h"

namespace stillwatch::model {

// The "picture" is the prompt: one byte a token.  Captions are the ids as letters.
class FakeModel : public CaptionModel {
 public:
  static constexpr int kVocabulary = 7;

  explicit FakeModel(int slots, GenerateOptions options = {.max_tokens = 6, .no_stop = true})
      : decoder_(slots, 64, kVocabulary), options_(std::move(options)) {}

  // Called on the server's thread before a pair is encoded.
  std::function<Status()> on_encode{};
  FakeDecoder& fake() { return decoder_; }

  Result<EncodedPair> Encode(const CaptionRequest& request) override {
    if (on_encode) {
      if (Status s = on_encode(); !s.ok()) return Failure(s);
    }
    if (request.reference.rgb.empty()) return InvalidArgument("fake: an empty picture");
    std::vector<int> ids(request.reference.rgb.begin(), request.reference.rgb.end());
    EncodedPair pair{.prompt = std::make_unique<FakePrompt>(std::move(ids)), .options = options_};
    pair.verdict.prompt_ids = pair.prompt->tokens();
    return pair;
  }

  Result<CaptionResult> Finish(const EncodedPair& pair, const Generated& written) override {
    CaptionResult result = pair.verdict;
    result.ids = written.ids;
    result.caption = Letters(written.ids);
    return result;
  }

  std::unique_ptr<CaptionStream> Stream() override {
    struct Letter : CaptionStream {
      const std::string& Text(std::span<const int> ids) override {
        text = Letters(ids);
        return text;
      }
      std::string text;
    };
    return std::make_unique<Letter>();
  }

  StepDecoder& decoder() override { return decoder_; }
  CacheStats cache_stats() const override { return {}; }
  const ModelName& name() const override { return name_; }
  std::string Describe() const override { return "fake"; }

  static std::string Letters(std::span<const int> ids) {
    std::string text;
    for (const int id : ids) text += static_cast<char>('a' + id);
    return text;
  }

  // What the model says of a prompt.
  static std::string Expected(std::vector<int> sequence, int tokens) {
    std::vector<int> ids;
    for (int i = 0; i < tokens; ++i) {
      ids.push_back(Likeliest(FakeLogits(sequence, kVocabulary)).id);
      sequence.push_back(ids.back());
    }
    return Letters(ids);
  }

 private:
  FakeDecoder decoder_;
  const GenerateOptions options_;
  const ModelName name_{"fake", "none"};
};

// Owns the bytes that a request borrows.
struct FakePicture {
  // One by one: for a range of ints gcc 12 reports an overflow of its own vector copy at -O3.
  explicit FakePicture(const std::vector<int>& ids) {
    for (const int id : ids) bytes.push_back(static_cast<std::uint8_t>(id));
  }
  CaptionRequest request() const {
    const Picture picture = {.rgb = bytes, .width = 1, .height = 1};
    return {.reference = picture, .current = picture};
  }
  std::vector<std::uint8_t> bytes;
};

}  // namespace stillwatch::model
