#include "model/tokenizer/tokenizer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "model/tokenizer/added_token_finder.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/byte_level.h"
#include "model/tokenizer/split.h"
#include "model/tokenizer/unicode.h"
#include "model/tokenizer/utf8.h"
#include "model/tokenizer/vocabulary.h"

namespace stillwatch::model {
namespace {

std::string ToUtf8(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t code_point : text) AppendUtf8(code_point, bytes);
  return bytes;
}

}  // namespace

struct Tokenizer::Tables {
  explicit Tables(const Vocabulary& vocabulary);

  std::string Normalized(std::string_view text) const;
  // Text without added tokens that were to be found in it.
  void EncodeSplit(std::string_view normalized, std::vector<int>& ids) const;
  void EncodeNormalized(std::string_view text, std::vector<int>& ids) const;

  bool nfc;
  bool ignore_merges;
  BytePairMerger merger;
  AddedTokenFinder raw;         // Looked for before normalising,
  AddedTokenFinder normalized;  // and after it.
  std::unordered_map<std::string, int> ids;
  std::unordered_map<std::string, int> whole;  // Bytes -> id, if ignore_merges.
  std::vector<std::string> bytes;              // By id.
  std::vector<bool> special;                   // By id.
};

Tokenizer::Tables::Tables(const Vocabulary& vocabulary)
    : nfc(vocabulary.nfc),
      ignore_merges(vocabulary.ignore_merges),
      merger(vocabulary),
      ids(vocabulary.ids) {
  int size = 0;
  for (const auto& [token, id] : ids) size = std::max(size, id + 1);
  for (const AddedToken& token : vocabulary.added) size = std::max(size, token.id + 1);
  bytes.resize(static_cast<std::size_t>(size));
  special.resize(static_cast<std::size_t>(size));
  for (const auto& [token, id] : ids) {
    bytes[static_cast<std::size_t>(id)] = BytesOfToken(token);
    if (ignore_merges) whole.emplace(bytes[static_cast<std::size_t>(id)], id);
  }
  for (const AddedToken& token : vocabulary.added) {
    bytes[static_cast<std::size_t>(token.id)] = token.content;
    special[static_cast<std::size_t>(token.id)] = token.special;
    ids[token.content] = token.id;
    if (token.normalized) {
      normalized.Add(Normalized(token.content), token.id);
    } else {
      raw.Add(token.content, token.id);
    }
  }
}

std::string Tokenizer::Tables::Normalized(std::string_view text) const {
  std::u32string points = DecodeUtf8(text);
  return ToUtf8(nfc ? Nfc(std::move(points)) : points);
}

void Tokenizer::Tables::EncodeSplit(std::string_view text, std::vector<int>& out) const {
  const std::u32string points = DecodeUtf8(text);
  for (const std::u32string_view piece : SplitText(points)) {
    const std::string piece_bytes = ToUtf8(piece);
    if (ignore_merges) {
      if (const auto found = whole.find(piece_bytes); found != whole.end()) {
        out.push_back(found->second);
        continue;
      }
    }
    merger.Encode(piece_bytes, out);
  }
}

void Tokenizer::Tables::EncodeNormalized(std::string_view text, std::vector<int>& out) const {
  const std::string clean = Normalized(text);
  std::size_t done = 0;
  while (const auto match = normalized.Find(clean, done)) {
    EncodeSplit(std::string_view(clean).substr(done, match->begin - done), out);
    out.push_back(match->id);
    done = match->end;
  }
  EncodeSplit(std::string_view(clean).substr(done), out);
}

Result<Tokenizer> Tokenizer::Load(const std::filesystem::path& path) {
  auto vocabulary = LoadVocabulary(path);
  if (!vocabulary) return Failure(vocabulary.error());
  return Tokenizer(std::make_shared<const Tables>(*vocabulary));
}

Result<Tokenizer> Tokenizer::FromJson(std::string_view text, std::string_view label) {
  auto vocabulary = ParseTokenizerJson(text, label);
  if (!vocabulary) return Failure(vocabulary.error());
  return Tokenizer(std::make_shared<const Tables>(*vocabulary));
}

std::vector<int> Tokenizer::Encode(std::string_view text) const {
  std::vector<int> out;
  std::size_t done = 0;
  while (const auto match = tables_->raw.Find(text, done)) {
    tables_->EncodeNormalized(text.substr(done, match->begin - done), out);
    out.push_back(match->id);
    done = match->end;
  }
  tables_->EncodeNormalized(text.substr(done), out);
  return out;
}

std::vector<int> Tokenizer::EncodePlain(std::string_view text) const {
  std::vector<int> out;
  tables_->EncodeSplit(tables_->Normalized(text), out);
  return out;
}

std::string Tokenizer::Decode(std::span<const int> ids, bool skip_special) const {
  std::string raw;
  for (const int id : ids) {
    if (!skip_special || !IsSpecial(id)) raw += TokenBytes(id);
  }
  std::string text;
  AppendLossy(raw, /*more_may_follow=*/false, text);
  return text;
}

std::optional<int> Tokenizer::TokenId(std::string_view token) const {
  const auto found = tables_->ids.find(std::string(token));
  if (found == tables_->ids.end()) return std::nullopt;
  return found->second;
}

std::string_view Tokenizer::TokenBytes(int id) const {
  if (id < 0 || id >= size()) return {};
  return tables_->bytes[static_cast<std::size_t>(id)];
}

bool Tokenizer::IsSpecial(int id) const {
  return id >= 0 && id < size() && tables_->special[static_cast<std::size_t>(id)];
}

int Tokenizer::size() const { return static_cast<int>(tables_->bytes.size()); }

std::string StreamDecoder::Push(int id) {
  if (skip_special_ && tokenizer_.IsSpecial(id)) return {};
  pending_ += tokenizer_.TokenBytes(id);
  std::string text;
  pending_.erase(0, AppendLossy(pending_, /*more_may_follow=*/true, text));
  return text;
}

std::string StreamDecoder::Finish() {
  std::string text;
  AppendLossy(pending_, /*more_may_follow=*/false, text);
  pending_.clear();
  return text;
}

}  // namespace stillwatch::model
