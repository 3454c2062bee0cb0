#include "pipeline/ingest/picture_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <regex>
#include <string>

namespace stillwatch::ingest {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view DigitsAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string_view WithoutZeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == digits.npos ? digits.substr(digits.size()) : digits.substr(first);
}

}  // namespace

bool HasPictureEnding(std::string_view name) {
  constexpr std::array<std::string_view, 9> kEndings = {".jpg",  ".jpeg", ".png", ".bmp", ".tif",
                                                        ".tiff", ".webp", ".ppm", ".pgm"};
  const std::string lower = Lower(name);
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
    return lower.size() > ending.size() && lower.ends_with(ending);
  });
}

bool NaturallyBefore(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (IsDigit(a[i]) && IsDigit(b[j])) {
      const std::string_view left = DigitsAt(a, i), right = DigitsAt(b, j);
      const std::string_view x = WithoutZeros(left), y = WithoutZeros(right);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      i += left.size();
      j += right.size();
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
    }
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a < b;  // 1.jpg and 01.jpg: any order, as long as it is one.
}

std::optional<TimePoint> TimeInName(std::string_view name) {
  const std::string stem(name.substr(0, name.rfind('.')));

  if (!stem.empty() && std::all_of(stem.begin(), stem.end(), IsDigit)) {
    std::int64_t number = 0;
    if (std::from_chars(stem.data(), stem.data() + stem.size(), number).ec != std::errc()) {
      return std::nullopt;
    }
    // Ten digits are the years 2001 to 2286; fewer are more likely a running number.
    if (stem.size() == 10 && stem[0] != '0') return TimePoint(std::chrono::seconds(number));
    if (stem.size() == 13 && stem[0] != '0') return TimePoint(std::chrono::milliseconds(number));
  }

  static const std::regex kDateAndTime(
      R"((?:^|\D)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})[-_.T ]{0,3}(\d{2})[-_.:]?(\d{2})[-_.:]?(\d{2})(?:\D|$))");
  std::smatch match;
  if (!std::regex_search(stem, match, kDateAndTime)) return std::nullopt;
  const std::string text = match[1].str() + "-" + match[2].str() + "-" + match[3].str() + "T" +
                           match[4].str() + ":" + match[5].str() + ":" + match[6].str() + "Z";
  const Result<TimePoint> time = ParseTime(text);
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace stillwatch::ingest
