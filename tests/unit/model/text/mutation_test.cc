// Files that random damage has changed: refused or read, but never a crash.  Run it under ASan.

#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "model/checkpoint/safetensors.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/unit/model/text/tiny_tokenizer.h"

namespace stillwatch::model {
namespace {

constexpr int kRounds = 2000;

// One to four changes: a bit, a byte, a piece doubled, removed or moved, or the end cut off.
std::string Damaged(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return random() % (limit == 0 ? 1 : limit); };
  for (auto changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = below(text.size()), length = 1 + below(16);
    switch (below(7)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ 1 << below(8));
        break;
      case 1:
        text[at] = static_cast<char>(random());
        break;
      case 2:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        text[at] = "{}[]\",:0-9e."[below(12)];
        break;
      case 5:
        text.insert(at, std::to_string(std::uint64_t{random()} << below(33)));
        break;
      default:
        if (below(4) == 0) text.resize(at);
    }
  }
  return text;
}

TEST(MutationTest, ADamagedSafetensorsFileIsReadOrRefused) {
  const std::string_view header =
      R"({"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":)"
      R"([0,24]},"a.bias":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]}}   )";
  std::string file(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, sizeof length);
  file += header;
  file.append(30, 'x');
  ASSERT_TRUE(ParseSafetensors(std::as_bytes(std::span(file)), "f"));

  std::mt19937 random(1);
  int read = 0, refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string damaged = Damaged(file, random);
    const auto content = ParseSafetensors(std::as_bytes(std::span(damaged)), "f");
    ++(content ? read : refused);
    if (!content) {
      EXPECT_TRUE(content.error().message().starts_with("f: "));
      continue;
    }
    // What was accepted can be read to its last byte.
    for (const auto& [name, view] : content->tensors) {
      ASSERT_EQ(static_cast<std::int64_t>(view.bytes.size()), ByteCount(view.dtype, view.shape));
      unsigned sum = 0;
      for (const std::byte byte : view.bytes) sum += std::to_integer<unsigned>(byte);
      EXPECT_LE(sum, 255U * view.bytes.size());
    }
  }
  // Damage to data and metadata is no damage to the form.
  EXPECT_GT(read, kRounds / 20);
  EXPECT_GT(refused, kRounds / 2);
}

TEST(MutationTest, ADamagedTokenizerIsReadOrRefused) {
  const std::string file = TinyTokenizer().dump();
  std::mt19937 random(2);
  int read = 0, refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto tokenizer = Tokenizer::FromJson(Damaged(file, random), "f");
    ++(tokenizer ? read : refused);
    if (!tokenizer) {
      EXPECT_TRUE(tokenizer.error().message().starts_with("f: "));
      continue;
    }
    // All bytes are in the vocabulary, so whatever the merges are, text comes back.
    const std::string text = "ab abc\n'll \xE2\x82\xAC 12";
    EXPECT_EQ(tokenizer->Decode(tokenizer->EncodePlain(text), false), text);
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, kRounds / 2);
}

}  // namespace
}  // namespace stillwatch::model
