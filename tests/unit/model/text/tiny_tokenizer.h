// TinyTokenizer: a tokenizer.json small enough to know by heart, for tests.

#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "model/tokenizer/byte_level.h"
#include "model/tokenizer/split.h"

namespace stillwatch::model {

// Bytes are ids 0..255, then "ab" 256, "abc" 257, "Ġab" 258; special <|end|> 300 and <|end|>x 301;
// 302 is an added token that is not special.
inline nlohmann::json TinyTokenizer() {
  nlohmann::json vocab;
  for (int byte = 0; byte < 256; ++byte)
    vocab[LetterOfByte(static_cast<std::uint8_t>(byte))] = byte;
  const std::string space = LetterOfByte(' ');
  vocab["ab"] = 256;
  vocab["abc"] = 257;
  vocab[space + "ab"] = 258;
  // A braced list of pairs of texts would be taken for an object.
  auto merges = nlohmann::json::array();
  merges.push_back({"a", "b"});
  merges.push_back({"ab", "c"});
  merges.push_back({space, "ab"});
  const auto added = [](int id, const char* content, bool special) {
    return nlohmann::json{
        {"id", id},        {"content", content}, {"special", special},  {"normalized", false},
        {"lstrip", false}, {"rstrip", false},    {"single_word", false}};
  };
  return {
      {"added_tokens",
       {added(300, "<|end|>", true), added(301, "<|end|>x", true), added(302, "[tool]", false)}},
      {"normalizer", {{"type", "NFC"}}},
      {"pre_tokenizer",
       {{"type", "Sequence"},
        {"pretokenizers",
         {{{"type", "Split"},
           {"pattern", {{"Regex", kQwen2Pattern}}},
           {"behavior", "Isolated"},
           {"invert", false}},
          {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}}},
      {"model", {{"type", "BPE"}, {"ignore_merges", false}, {"vocab", vocab}, {"merges", merges}}}};
}

}  // namespace stillwatch::model
