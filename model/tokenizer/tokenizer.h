// Tokenizer: text <-> token ids, as Qwen2 does it.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Byte-level BPE with NFC and Qwen2's splitting.  All ids, special ones included, come from the
// files: no number is built in.
//
// Cheap to copy: copies share the tables.  Thread-safe.
class Tokenizer {
 public:
  // A folder with tokenizer.json (or vocab.json + merges.txt), or a tokenizer.json.  kNotFound,
  // kDataLoss, kInvalidArgument (another kind of tokenizer): the message names file and key.
  [[nodiscard]] static Result<Tokenizer> Load(const std::filesystem::path& path);

  // The same from a tokenizer.json in memory; `label` starts every message.
  [[nodiscard]] static Result<Tokenizer> FromJson(std::string_view text, std::string_view label);

  // Text to ids.  Nothing is put in front or behind.  "<|im_end|>" and the like in `text` become
  // their one id: for text of strangers use EncodePlain.  Bytes that are no UTF-8 count as U+FFFD.
  std::vector<int> Encode(std::string_view text) const;

  // The same, but added tokens in `text` are spelled out like any other text.
  std::vector<int> EncodePlain(std::string_view text) const;

  // Ids to text; what is no UTF-8 becomes U+FFFD, an unknown id nothing.
  std::string Decode(std::span<const int> ids, bool skip_special = true) const;

  // The id of a special token ("<|im_end|>") or of a vocabulary entry as the file writes it.
  std::optional<int> TokenId(std::string_view token) const;

  // The bytes that an id stands for (not always whole UTF-8), empty for an unknown id.  Valid while
  // a copy of this tokenizer lives.
  std::string_view TokenBytes(int id) const;
  bool IsSpecial(int id) const;

  // One above the highest id: the rows an embedding table needs at least.
  int size() const;

 private:
  struct Tables;
  explicit Tokenizer(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}

  std::shared_ptr<const Tables> tables_;
};

// Turns ids into text one by one, for captions that are shown while they grow.  A character whose
// bytes are spread over several tokens appears when it is whole: at most 3 bytes are held back.
// All pieces joined are what Decode gives for all ids.
//
// Not thread-safe: one belongs to one caption.
class StreamDecoder {
 public:
  explicit StreamDecoder(Tokenizer tokenizer, bool skip_special = true)
      : tokenizer_(std::move(tokenizer)), skip_special_(skip_special) {}

  // The text that `id` completes, often empty.
  std::string Push(int id);

  // What is still held back, as U+FFFD.  The decoder may be used again.
  std::string Finish();

 private:
  Tokenizer tokenizer_;
  bool skip_special_;
  std::string pending_;
};

}  // namespace stillwatch::model
