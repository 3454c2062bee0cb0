#include "model/tokenizer/byte_level.h"

#include <array>

#include "model/tokenizer/utf8.h"

namespace stillwatch::model {
namespace {

constexpr char32_t kFirstExtra = 0x100;

constexpr bool StandsForItself(int byte) {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) ||
         (byte >= 174 && byte <= 255);
}

constexpr std::array<char32_t, 256> MakeLetters() {
  std::array<char32_t, 256> letters{};
  char32_t extra = kFirstExtra;
  for (int byte = 0; byte < 256; ++byte) {
    letters[static_cast<std::size_t>(byte)] =
        StandsForItself(byte) ? static_cast<char32_t>(byte) : extra++;
  }
  return letters;
}
constexpr std::array<char32_t, 256> kLetters = MakeLetters();
constexpr std::size_t kCodePoints = 0x100 + 68;  // One above the highest letter.

constexpr std::array<int, kCodePoints> MakeBytes() {
  std::array<int, kCodePoints> bytes{};
  for (int& byte : bytes) byte = -1;
  for (std::size_t byte = 0; byte < 256; ++byte) bytes[kLetters[byte]] = static_cast<int>(byte);
  return bytes;
}
constexpr std::array<int, kCodePoints> kBytes = MakeBytes();

}  // namespace

std::string LetterOfByte(std::uint8_t byte) {
  std::string letter;
  AppendUtf8(kLetters[byte], letter);
  return letter;
}

std::string BytesOfToken(std::string_view token) {
  std::string bytes;
  for (std::string_view rest = token; !rest.empty();) {
    const Utf8Step step = NextUtf8(rest);
    const int byte = step.code_point < kCodePoints ? kBytes[step.code_point] : -1;
    if (byte < 0) return std::string(token);
    bytes.push_back(static_cast<char>(byte));
    rest.remove_prefix(step.size);
  }
  return bytes;
}

}  // namespace stillwatch::model
