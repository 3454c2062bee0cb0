// Vocabulary: what a tokenizer's files say, checked.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Ids are below this: room for Qwen2's 151,648, and no file can make us reserve gigabytes.
inline constexpr int kMaxTokenId = 1 << 20;

// A token that is looked for in the text itself, before it is split and merged.
struct AddedToken {
  std::string content{};
  int id = 0;
  bool special = true;      // Decode may leave it out.
  bool normalized = false;  // Looked for in the normalised text instead.
};

struct Vocabulary {
  // Byte-level spelling ("Ġthe") -> id.
  std::unordered_map<std::string, int> ids{};
  // Left and right id of each merge, best first, and the id they merge into.
  struct Merge {
    int left = 0, right = 0, merged = 0;
  };
  std::vector<Merge> merges{};
  std::vector<AddedToken> added{};
  bool nfc = true;             // Normalise before splitting.
  bool ignore_merges = false;  // A piece that is a token as it stands is not merged up to it.
};

// Reads a tokenizer.json; `label` starts every message.
//
// kDataLoss names the key and what was expected: no JSON, a key twice, ids twice or out of range,
// a byte without a token, a merge of unknown tokens.  kInvalidArgument: a tokenizer of another
// kind than byte-level BPE with Qwen2's splitting.
[[nodiscard]] Result<Vocabulary> ParseTokenizerJson(std::string_view text, std::string_view label);

// Reads a folder's tokenizer.json, or else its vocab.json + merges.txt with the added tokens of
// added_tokens.json and tokenizer_config.json (Qwen2's splitting is assumed then).  `path` may be
// a tokenizer.json itself.  kNotFound says which file was looked for.
[[nodiscard]] Result<Vocabulary> LoadVocabulary(const std::filesystem::path& path);

}  // namespace stillwatch::model
