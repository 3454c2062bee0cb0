#include "model/tokenizer/vocabulary.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <system_error>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"
#include "model/checkpoint/mapped_file.h"
#include "model/tokenizer/byte_level.h"
#include "model/tokenizer/split.h"

namespace stillwatch::model {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// The value at `key`, null if the object has none.
const json& At(const json& object, const char* key) {
  static const json kNull;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : kNull;
}

bool IsText(const json& value, std::string_view text) {
  return value.is_string() && value.get_ref<const std::string&>() == text;
}

std::optional<int> TokenIdOf(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto id = value.get<std::uint64_t>();
  if (id >= static_cast<std::uint64_t>(kMaxTokenId)) return std::nullopt;
  return static_cast<int>(id);
}

std::string WantedId(const json& found) {
  return "expected an id from 0 to " + std::to_string(kMaxTokenId - 1) + ", found " + found.dump();
}

Result<json> ParseObject(std::string_view text) {
  if (Status status = CheckJson(text, 32); !status.ok()) return Failure(status);
  json document = json::parse(text);
  if (!document.is_object()) return DataLoss("expected a JSON object");
  return document;
}

Status ReadIds(const json& vocab, const std::string& where, Vocabulary& out) {
  if (!vocab.is_object() || vocab.empty()) {
    return DataLoss(where + ": expected an object of token to id");
  }
  std::unordered_map<int, const std::string*> names;
  for (const auto& [token, value] : vocab.items()) {
    const auto id = TokenIdOf(value);
    if (!id) return DataLoss(where + "['" + token + "']: " + WantedId(value));
    const auto place = out.ids.emplace(token, *id).first;
    const auto [other, fresh] = names.emplace(*id, &place->first);
    if (!fresh) {
      return DataLoss(where + "['" + token + "']: id " + std::to_string(*id) +
                      " is already that of '" + *other->second + "'");
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string letter = LetterOfByte(static_cast<std::uint8_t>(byte));
    if (!out.ids.contains(letter)) {
      return DataLoss(where + ": no token '" + letter + "' for byte " + std::to_string(byte) +
                      "; a byte-level vocabulary has all 256");
    }
  }
  return {};
}

// `where` names the entry of the merges, for a message.
Status AddMerge(const std::string& left, const std::string& right, const std::string& where,
                Vocabulary& out) {
  const auto a = out.ids.find(left), b = out.ids.find(right), c = out.ids.find(left + right);
  for (const auto& [found, name] : {std::pair(a, left), {b, right}, {c, left + right}}) {
    if (found == out.ids.end()) {
      return DataLoss(where + ": '" + name + "' is not in the vocabulary");
    }
  }
  out.merges.push_back({.left = a->second, .right = b->second, .merged = c->second});
  return {};
}

Status ReadMerges(const json& merges, Vocabulary& out) {
  if (!merges.is_array()) return DataLoss("model.merges: expected a list of pairs of tokens");
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const std::string where = "model.merges[" + std::to_string(i) + "]";
    const json& merge = merges[i];
    std::string left, right;
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      left = merge[0].get<std::string>();  // As of tokenizers 0.20.
      right = merge[1].get<std::string>();
    } else if (merge.is_string()) {
      const auto& both = merge.get_ref<const std::string&>();
      const std::size_t space = both.find(' ');
      left = both.substr(0, space);
      if (space != std::string::npos) right = both.substr(space + 1);
    }
    if (left.empty() || right.empty()) {
      return DataLoss(where + ": expected two tokens, found " + merge.dump());
    }
    if (Status status = AddMerge(left, right, where, out); !status.ok()) return status;
  }
  return {};
}

// One entry of added_tokens or added_tokens_decoder.
Status ReadAdded(const json& entry, int id, const std::string& where, Vocabulary& out) {
  const json& content = At(entry, "content");
  if (!content.is_string() || content.get_ref<const std::string&>().empty()) {
    return DataLoss(where + ".content: expected the token's text");
  }
  for (const char* flag : {"special", "normalized", "single_word", "lstrip", "rstrip"}) {
    if (const json& value = At(entry, flag); !value.is_null() && !value.is_boolean()) {
      return DataLoss(where + "." + flag + ": expected true or false, found " + value.dump());
    }
  }
  for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
    if (At(entry, flag) == true) {
      return InvalidArgument(where + "." + flag + ": true is not supported (Qwen2 has none)");
    }
  }
  out.added.push_back({.content = content.get<std::string>(),
                       .id = id,
                       .special = At(entry, "special") == true,
                       .normalized = At(entry, "normalized") == true});
  return {};
}

// Ids and contents of the added tokens must be unlike each other and agree with the vocabulary.
Status CheckAdded(const Vocabulary& vocabulary, const std::string& where) {
  std::unordered_map<int, std::string_view> names;
  for (const auto& [token, id] : vocabulary.ids) names.emplace(id, token);
  std::unordered_set<std::string_view> contents;
  for (const AddedToken& token : vocabulary.added) {
    const auto [other, fresh] = names.emplace(token.id, token.content);
    if (!fresh && other->second != token.content) {
      return DataLoss(where + ": id " + std::to_string(token.id) + " of '" + token.content +
                      "' is already that of '" + std::string(other->second) + "'");
    }
    const auto same = vocabulary.ids.find(token.content);
    if (same != vocabulary.ids.end() && same->second != token.id) {
      return DataLoss(where + ": '" + token.content + "' has id " + std::to_string(token.id) +
                      ", in the vocabulary " + std::to_string(same->second));
    }
    if (!contents.insert(token.content).second) {
      return DataLoss(where + ": '" + token.content + "' stands twice");
    }
  }
  return {};
}

// The parts of tokenizer.json that must be Qwen2's, because the code is.
Status CheckKind(const json& document, Vocabulary& out) {
  const json& model = At(document, "model");
  if (!IsText(At(model, "type"), "BPE")) {
    return InvalidArgument("model.type: expected \"BPE\", found " + At(model, "type").dump());
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (const json& value = At(model, key); !value.is_null() && !IsText(value, "")) {
      return InvalidArgument(std::string("model.") + key + ": expected none, found " +
                             value.dump());
    }
  }
  if (At(model, "byte_fallback") == true) {
    return InvalidArgument("model.byte_fallback: true is not supported; expected byte-level BPE");
  }
  out.ignore_merges = At(model, "ignore_merges") == true;
  const json& normalizer = At(document, "normalizer");
  out.nfc = !normalizer.is_null();
  if (out.nfc && !IsText(At(normalizer, "type"), "NFC")) {
    return InvalidArgument("normalizer: expected NFC or null, found " + normalizer.dump());
  }
  const json& parts = At(At(document, "pre_tokenizer"), "pretokenizers");
  const bool known =
      parts.is_array() && parts.size() == 2 && IsText(At(parts[0], "type"), "Split") &&
      IsText(At(At(parts[0], "pattern"), "Regex"), kQwen2Pattern) &&
      IsText(At(parts[0], "behavior"), "Isolated") && At(parts[0], "invert") != true &&
      IsText(At(parts[1], "type"), "ByteLevel") && At(parts[1], "add_prefix_space") == false &&
      At(parts[1], "use_regex") == false;
  if (!known) {
    return InvalidArgument(
        "pre_tokenizer: expected Qwen2's sequence of Split by its regex and ByteLevel");
  }
  return {};
}

Result<Vocabulary> Parse(std::string_view text) {
  auto document = ParseObject(text);
  if (!document) return Failure(document.error());
  Vocabulary out;
  if (Status status = CheckKind(*document, out); !status.ok()) return Failure(status);
  const json& model = At(*document, "model");
  if (Status status = ReadIds(At(model, "vocab"), "model.vocab", out); !status.ok()) {
    return Failure(status);
  }
  if (Status status = ReadMerges(At(model, "merges"), out); !status.ok()) return Failure(status);
  const json& added = At(*document, "added_tokens");
  if (!added.is_null() && !added.is_array()) return DataLoss("added_tokens: expected a list");
  for (std::size_t i = 0; i < added.size(); ++i) {
    const std::string where = "added_tokens[" + std::to_string(i) + "]";
    const auto id = TokenIdOf(At(added[i], "id"));
    if (!id) return DataLoss(where + ".id: " + WantedId(At(added[i], "id")));
    if (Status status = ReadAdded(added[i], *id, where, out); !status.ok()) return Failure(status);
  }
  if (Status status = CheckAdded(out, "added_tokens"); !status.ok()) return Failure(status);
  return out;
}

std::string_view TextOf(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

Status ReadMergesText(std::string_view text, Vocabulary& out) {
  for (int line_number = 1; !text.empty(); ++line_number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
    const std::string where = "line " + std::to_string(line_number);
    const std::size_t space = line.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == line.size()) {
      return DataLoss(where + ": expected two tokens, found '" + std::string(line) + "'");
    }
    Status status = AddMerge(std::string(line.substr(0, space)),
                             std::string(line.substr(space + 1)), where, out);
    if (!status.ok()) return status;
  }
  return {};
}

// added_tokens.json: {content: id}.  Contents that tokenizer_config.json has already are checked
// by CheckAdded, if the ids differ; those it lacks count as special.
Status ReadAddedJson(const json& document, Vocabulary& out) {
  for (const auto& item : document.items()) {
    const std::string& content = item.key();
    const auto id = TokenIdOf(item.value());
    if (!id) return DataLoss("['" + content + "']: " + WantedId(item.value()));
    if (content.empty()) return DataLoss("['']: expected the token's text");
    const bool known = std::any_of(
        out.added.begin(), out.added.end(),
        [&](const AddedToken& token) { return token.content == content && token.id == *id; });
    if (!known) out.added.push_back({.content = content, .id = *id});
  }
  return {};
}

Status ReadConfigJson(const json& document, Vocabulary& out) {
  const json& decoder = At(document, "added_tokens_decoder");
  if (!decoder.is_null() && !decoder.is_object()) {
    return DataLoss("added_tokens_decoder: expected an object of id to token");
  }
  for (const auto& [key, entry] : decoder.items()) {
    const std::string where = "added_tokens_decoder['" + key + "']";
    const bool digits =
        !key.empty() && key.size() <= 7 && key.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoi(key) >= kMaxTokenId) {
      return DataLoss(where + ": expected an id from 0 to " + std::to_string(kMaxTokenId - 1));
    }
    if (Status status = ReadAdded(entry, std::stoi(key), where, out); !status.ok()) return status;
  }
  return {};
}

// Opens `path` and hands its text to `read`; an absent file is fine if `optional`.
template <typename Read>
Status WithFile(const fs::path& path, bool optional, Read read) {
  auto file = MappedFile::Open(path);
  if (!file && optional && file.error().code() == StatusCode::kNotFound) return {};
  if (!file) return file.error();
  return read(TextOf(*file)).WithContext(path.string());
}

Result<Vocabulary> LoadFiles(const fs::path& folder) {
  Vocabulary out;
  Status status = WithFile(folder / "vocab.json", false, [&](std::string_view text) -> Status {
    auto document = ParseObject(text);
    return document ? ReadIds(*document, "vocabulary", out) : document.error();
  });
  if (!status.ok()) return Failure(status);
  status = WithFile(folder / "merges.txt", false,
                    [&](std::string_view text) { return ReadMergesText(text, out); });
  if (!status.ok()) return Failure(status);
  using Read = Status (*)(const json&, Vocabulary&);
  const std::pair<const char*, Read> optional_files[] = {{"tokenizer_config.json", &ReadConfigJson},
                                                         {"added_tokens.json", &ReadAddedJson}};
  for (const auto& file : optional_files) {
    status = WithFile(folder / file.first, true, [&](std::string_view text) -> Status {
      auto document = ParseObject(text);
      return document ? file.second(*document, out) : document.error();
    });
    if (!status.ok()) return Failure(status);
  }
  status = CheckAdded(out, folder.string() + ": added tokens");
  if (!status.ok()) return Failure(status);
  return out;
}

Result<Vocabulary> Load(const fs::path& path) {
  std::error_code error;
  const bool folder = fs::is_directory(path, error);
  const fs::path file = folder ? path / "tokenizer.json" : path;
  if (folder && !fs::exists(file, error)) {
    if (fs::exists(path / "vocab.json", error)) return LoadFiles(path);
    return NotFound(path.string() + ": holds neither tokenizer.json nor vocab.json");
  }
  auto mapped = MappedFile::Open(file);
  if (!mapped) return Failure(mapped.error());
  return ParseTokenizerJson(TextOf(*mapped), file.string());
}

}  // namespace

Result<Vocabulary> ParseTokenizerJson(std::string_view text, std::string_view label) {
  try {
    auto vocabulary = Parse(text);
    if (!vocabulary) return Failure(vocabulary.error().WithContext(label));
    return vocabulary;
  } catch (const std::exception& e) {  // nlohmann's.
    return DataLoss(std::string(label) + ": " + e.what());
  }
}

Result<Vocabulary> LoadVocabulary(const fs::path& path) {
  try {
    return Load(path);
  } catch (const std::exception& e) {
    return DataLoss(path.string() + ": " + e.what());
  }
}

}  // namespace stillwatch::model
