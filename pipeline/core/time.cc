#include "pipeline/core/time.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace stillwatch {
namespace {

using std::chrono::nanoseconds;

// Reads exactly `digits` decimal digits off the front.
bool TakeNumber(std::string_view* text, std::size_t digits, int* value) {
  if (text->size() < digits) return false;
  const auto [end, error] = std::from_chars(text->data(), text->data() + digits, *value);
  if (error != std::errc() || end != text->data() + digits || *value < 0) return false;
  text->remove_prefix(digits);
  return true;
}

bool TakeChar(std::string_view* text, char wanted) {
  if (text->empty() || text->front() != wanted) return false;
  text->remove_prefix(1);
  return true;
}

bool TakeFraction(std::string_view* text, nanoseconds* fraction) {
  if (!TakeChar(text, '.')) return true;
  std::int64_t unit = 100'000'000;
  std::size_t digits = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
    *fraction += nanoseconds((text->front() - '0') * unit);
    unit /= 10;
    text->remove_prefix(1);
    ++digits;
  }
  return digits > 0;
}

bool TakeOffset(std::string_view* text, std::chrono::minutes* offset) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return true;
  const bool minus = TakeChar(text, '-');
  if (!minus && !TakeChar(text, '+')) return false;
  int hours = 0, minutes = 0;
  if (!TakeNumber(text, 2, &hours) || !TakeChar(text, ':') || !TakeNumber(text, 2, &minutes) ||
      hours > 23 || minutes > 59) {
    return false;
  }
  *offset = std::chrono::minutes((minus ? -1 : 1) * (hours * 60 + minutes));
  return true;
}

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
// Largest first: FormatDuration takes the first that divides.
constexpr std::array<Unit, 6> kUnits = {{{"d", 86'400'000'000'000},
                                         {"h", 3'600'000'000'000},
                                         {"min", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000}}};

}  // namespace

std::string FormatTime(TimePoint time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - days));
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

Result<TimePoint> ParseTime(std::string_view text) {
  const auto bad = [whole = std::string(text)] {
    return InvalidArgument("'" + whole +
                           "' is not a time; write 2026-01-31T08:00:00Z or 2026-01-31");
  };
  int year = 0, month = 0, day = 0;
  if (!TakeNumber(&text, 4, &year) || !TakeChar(&text, '-') || !TakeNumber(&text, 2, &month) ||
      !TakeChar(&text, '-') || !TakeNumber(&text, 2, &day)) {
    return bad();
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // Nanoseconds since 1970 overflow 64 bits outside 1678 to 2261.
  if (!date.ok() || year < 1700 || year > 2200) return bad();
  TimePoint time = std::chrono::sys_days(date);
  if (text.empty()) return time;

  int hour = 0, minute = 0, second = 0;
  nanoseconds fraction(0);
  std::chrono::minutes offset(0);
  if ((!TakeChar(&text, 'T') && !TakeChar(&text, 't') && !TakeChar(&text, ' ')) ||
      !TakeNumber(&text, 2, &hour) || !TakeChar(&text, ':') || !TakeNumber(&text, 2, &minute) ||
      !TakeChar(&text, ':') || !TakeNumber(&text, 2, &second) || hour > 23 || minute > 59 ||
      second > 60 || !TakeFraction(&text, &fraction) || !TakeOffset(&text, &offset) ||
      !text.empty()) {
    return bad();
  }
  return time + std::chrono::hours(hour) + std::chrono::minutes(minute) - offset +
         std::chrono::seconds(second) + fraction;
}

std::string FormatDuration(nanoseconds duration) {
  const std::int64_t ns = duration.count();
  if (ns == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (ns % unit.ns == 0) return std::to_string(ns / unit.ns) + std::string(unit.name);
  }
  return std::to_string(ns / 1000) + "us";
}

Result<nanoseconds> ParseDuration(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && std::isfinite(value) && value >= 0) {
    const std::string_view unit_name(end,
                                     static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& unit : kUnits) {
      const double ns = value * static_cast<double>(unit.ns);
      // 9e18 ns = 285 years, just inside 64 bits.
      if (unit.name == unit_name && ns < 9e18) return nanoseconds(std::llround(ns));
    }
  }
  return InvalidArgument("'" + std::string(text) +
                         "' is not a duration; write a number and a unit, such as 250ms, 2s, "
                         "5min, 12h or 30d");
}

}  // namespace stillwatch
