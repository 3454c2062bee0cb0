#include "model/tokenizer/utf8.h"

#include <cstdint>

namespace stillwatch::model {

Utf8Step NextUtf8(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return {.code_point = lead};
  // Table 3-7 of the Unicode standard: which second byte may follow which lead.
  std::size_t size = 0;
  std::uint8_t low = 0x80, high = 0xBF;
  char32_t code_point = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
    code_point = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    code_point = lead & 0x0F;
    if (lead == 0xE0) low = 0xA0;   // Else overlong.
    if (lead == 0xED) high = 0x9F;  // Else a surrogate.
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    code_point = lead & 0x07;
    if (lead == 0xF0) low = 0x90;   // Else overlong.
    if (lead == 0xF4) high = 0x8F;  // Else above U+10FFFF.
  } else {
    return {};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (i == bytes.size()) return {.size = i, .complete = false};
    if (at(i) < low || at(i) > high) return {.size = i};
    code_point = code_point << 6 | (at(i) & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {.code_point = code_point, .size = size};
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::u32string DecodeUtf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Step step = NextUtf8(bytes);
    text.push_back(step.code_point);
    bytes.remove_prefix(step.size);
  }
  return text;
}

std::size_t AppendLossy(std::string_view bytes, bool more_may_follow, std::string& out) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const Utf8Step step = NextUtf8(bytes.substr(taken));
    if (!step.complete && more_may_follow) break;
    AppendUtf8(step.code_point, out);
    taken += step.size;
  }
  return taken;
}

}  // namespace stillwatch::model
