#include "model/checkpoint/sha256.h"

#include <fstream>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

std::string Digest(std::string_view text) { return Sha256(std::as_bytes(std::span(text))); }

// The examples of FIPS 180-4 as NIST publishes them.
TEST(Sha256Test, GivesTheDigestsOfNist) {
  EXPECT_EQ(Digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      Digest("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
             "klmnopqrlmnopqrsmnopqrstnopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(Digest(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, GivesTheSameHoweverTheBytesAreCut) {
  const std::string text(200, 'x');
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string_view whole = std::string_view(text).substr(0, size);
    Sha256Stream stream;
    for (std::size_t at = 0; at < size; at += 7) {
      stream.Update(std::as_bytes(std::span(whole.substr(at, 7))));
    }
    EXPECT_EQ(stream.Finish(), Digest(whole)) << size;
  }
}

TEST(Sha256Test, ReadsFiles) {
  const auto path = std::filesystem::path(testing::TempDir()) / "sha256_test.bin";
  std::ofstream(path) << "abc";
  EXPECT_EQ(Sha256File(path).value(), Digest("abc"));
  std::filesystem::remove(path);
  const auto absent = Sha256File(path);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace stillwatch::model
